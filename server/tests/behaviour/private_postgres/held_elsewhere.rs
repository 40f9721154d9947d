//! A cluster held by another process, which can be killed or ended: this test program again, at a test that does nothing else.

use std::{
    env,
    io::{BufRead, BufReader, Read},
    os::unix::process::CommandExt,
    process::{Child, Command, Stdio},
};

use server::private_postgres::{Options, PrivatePostgres};

use super::place::{Place, program_for_everybody};

const FOLDER: &str = "PRIVATE_POSTGRES_TEST_FOLDER";
const URL: &str = "held: ";
const REFUSED: &str = "refused: ";

/// Not a test: what the other process does. It holds a cluster until its input ends, and drops it. Without a folder
/// (when all tests are run) there is nothing to hold.
#[tokio::test]
async fn hold() {
    let Some(data_dir) = env::var_os(FOLDER) else {
        return;
    };
    match PrivatePostgres::start(Options {
        data_dir: data_dir.into(),
        durable: false,
    })
    .await
    {
        Ok(cluster) => {
            println!("\n{URL}{}", cluster.url());
            std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
        }
        Err(error) => println!("\n{REFUSED}{error}"),
    }
}

pub struct HeldElsewhere {
    process: Child,
    pub url: String,
}

impl HeldElsewhere {
    pub fn start(place: &Place, user: Option<&str>) -> Self {
        let (process, url) = spawn(place, user, URL);
        Self { process, url }
    }

    /// Starts as that user, in vain; what it said.
    pub fn refused(place: &Place, user: &str) -> String {
        let (mut process, line) = spawn(place, Some(user), REFUSED);
        process.wait().unwrap();
        line
    }

    /// Ends the process as nobody can foresee: it can't do anything about it.
    pub fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Lets the process come to its end.
    pub fn end(mut self) {
        drop(self.process.stdin.take());
        assert!(self.process.wait().unwrap().success());
    }
}

fn spawn(place: &Place, user: Option<&str>, expected: &str) -> (Child, String) {
    let program = match user {
        Some(_) => program_for_everybody(place),
        None => env::current_exe().unwrap(),
    };
    let mut command = Command::new(program);
    command.args([
        "--exact",
        "private_postgres::held_elsewhere::hold",
        "--nocapture",
    ]);
    command
        .env(FOLDER, &place.data_dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    if let Some(user) = user {
        let number = |what: &str| -> u32 {
            let output = Command::new("id").args([what, user]).output().unwrap();
            String::from_utf8(output.stdout)
                .unwrap()
                .trim()
                .parse()
                .unwrap()
        };
        command.uid(number("-u")).gid(number("-g"));
    }
    let mut process = command.spawn().unwrap();
    let mut said = String::new();
    for line in BufReader::new(process.stdout.as_mut().unwrap()).lines() {
        let line = line.unwrap();
        if let Some(found) = line.strip_prefix(expected) {
            return (process, found.to_owned());
        }
        said.push_str(&line);
    }
    process.wait().unwrap();
    panic!("the process ended without saying {expected:?}: {said}");
}
