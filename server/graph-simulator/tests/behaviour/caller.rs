//! A plain HTTP caller with a token, for the tests of this crate.

use std::sync::Once;

use graph_simulator::{RunningSimulator, SimulatedTenant, Simulator, TenantSpec};
use reqwest::{Method, Response};
use serde_json::Value;

static TLS: Once = Once::new();

/// An answer, read to the end.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
}

impl Answer {
    pub async fn read(response: Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Self {
            status,
            headers,
            text: response.text().await.unwrap(),
        }
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error} in {}", self.text))
    }

    /// The objects of a listing.
    pub fn value(&self) -> Vec<Value> {
        self.json()["value"]
            .as_array()
            .unwrap_or_else(|| panic!("no value in {}", self.text))
            .clone()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub fn code(&self) -> String {
        self.json()["error"]["code"].as_str().unwrap().to_owned()
    }

    pub fn message(&self) -> String {
        self.json()["error"]["message"].as_str().unwrap().to_owned()
    }
}

/// One tenant of a running simulator with a token for it.
pub struct Caller {
    pub running: RunningSimulator,
    pub tenant: SimulatedTenant,
    pub token: String,
    http: reqwest::Client,
}

pub fn http() -> reqwest::Client {
    TLS.call_once(|| {
        rustls::crypto::ring::default_provider()
            .install_default()
            .unwrap();
    });
    reqwest::Client::new()
}

impl Caller {
    pub async fn new(spec: TenantSpec) -> Self {
        let running = Simulator::start().await.unwrap();
        let tenant = running.simulator.add_tenant(spec);
        let mut caller = Self {
            running,
            tenant,
            token: String::new(),
            http: http(),
        };
        caller.renew().await;
        caller
    }

    pub fn simulator(&self) -> &Simulator {
        &self.running.simulator
    }

    /// Asks the login endpoint with other form fields than the right ones.
    pub async fn login(&self, changes: &[(&str, &str)]) -> Answer {
        let mut form = vec![
            ("grant_type", "client_credentials"),
            ("client_id", &self.tenant.client_id),
            ("client_secret", &self.tenant.client_secret),
            ("scope", "https://graph.microsoft.com/.default"),
        ];
        for (name, value) in changes {
            form.iter_mut().find(|(known, _)| known == name).unwrap().1 = value;
        }
        let url = format!(
            "{}/{}/oauth2/v2.0/token",
            self.running.base_url, self.tenant.directory_id
        );
        Answer::read(self.http.post(url).form(&form).send().await.unwrap()).await
    }

    pub async fn renew(&mut self) {
        self.token = self.login(&[]).await.json()["access_token"]
            .as_str()
            .unwrap()
            .to_owned();
    }

    /// `path` is absolute or begins with a slash.
    pub async fn try_send(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        headers: &[(&str, &str)],
    ) -> reqwest::Result<Answer> {
        let url = if path.starts_with('/') {
            format!("{}{path}", self.running.base_url)
        } else {
            path.to_owned()
        };
        let mut request = self.http.request(method, url).bearer_auth(&self.token);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        Ok(Answer::read(request.send().await?).await)
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.try_send(Method::GET, path, None, &[]).await.unwrap()
    }

    pub async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.try_send(Method::GET, path, None, headers)
            .await
            .unwrap()
    }

    pub async fn send(&self, method: Method, path: &str, body: Value) -> Answer {
        self.try_send(method, path, Some(&body), &[]).await.unwrap()
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, body).await
    }

    /// Every object of a listing, following next links, and the number of pages.
    pub async fn all(&self, path: &str) -> (Vec<Value>, usize) {
        let (mut found, mut pages, mut next) = (Vec::new(), 0, Some(path.to_owned()));
        while let Some(path) = next {
            let answer = self.get(&path).await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.text);
            found.extend(answer.value());
            pages += 1;
            next = answer.json()["@odata.nextLink"].as_str().map(str::to_owned);
        }
        (found, pages)
    }
}

/// The `id` of every object, sorted.
pub fn ids(objects: &[Value]) -> Vec<String> {
    let mut ids: Vec<String> = objects
        .iter()
        .map(|object| object["id"].as_str().unwrap().to_owned())
        .collect();
    ids.sort();
    ids
}

impl Caller {
    /// Like [`post`](Self::post), for paths made on the spot.
    pub async fn post_owned(&self, path: String, body: Value) -> Answer {
        self.post(&path, body).await
    }
}
