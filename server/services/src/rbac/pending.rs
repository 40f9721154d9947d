//! Sign-ins that were begun and have not come back: few, short-lived, each good once.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use domain::TenantId;
use secrecy::SecretString;

use crate::access::SessionKey;

/// How long a person may take at Microsoft's page.
const LONGEST: Duration = Duration::from_secs(10 * 60);
/// The most at once, over all sessions; the oldest makes room.
const MOST: usize = 1_000;
/// The most of one session at once, so that nobody crowds out the others.
const MOST_OF_SESSION: usize = 5;

/// What is needed when the person comes back.
#[derive(Debug)]
pub(super) struct PendingSignIn {
    pub session: SessionKey,
    pub tenant: TenantId,
    pub verifier: SecretString,
    pub redirect_uri: String,
    /// The path to go on to.
    pub back: String,
}

#[derive(Default)]
pub(super) struct Pending(HashMap<String, (Instant, PendingSignIn)>);

impl Pending {
    pub fn add(&mut self, state: String, sign_in: PendingSignIn, now: Instant) {
        self.0
            .retain(|_, (begun, _)| now.duration_since(*begun) < LONGEST);
        self.make_room(MOST_OF_SESSION, |one| one.session == sign_in.session);
        self.make_room(MOST, |_| true);
        self.0.insert(state, (now, sign_in));
    }

    /// Takes the sign-in of this state, if this session began it for this tenant, not too long ago. Somebody else's
    /// stays where it is.
    pub fn take(
        &mut self,
        state: &str,
        session: &SessionKey,
        tenant: TenantId,
        now: Instant,
    ) -> Option<PendingSignIn> {
        let (_, known) = self.0.get(state)?;
        if known.session != *session || known.tenant != tenant {
            return None;
        }
        let (begun, known) = self.0.remove(state)?;
        (now.duration_since(begun) < LONGEST).then_some(known)
    }

    pub fn forget_session(&mut self, session: &SessionKey) {
        self.0.retain(|_, (_, one)| one.session != *session);
    }

    /// Removes the oldest of those that `which` chooses, so that one more makes at most `most`.
    fn make_room(&mut self, most: usize, which: impl Fn(&PendingSignIn) -> bool) {
        let chosen = || self.0.iter().filter(|(_, (_, one))| which(one));
        if chosen().count() < most {
            return;
        }
        let oldest = chosen().min_by_key(|(_, (begun, _))| *begun);
        if let Some(state) = oldest.map(|(state, _)| state.clone()) {
            self.0.remove(&state);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TENANT: TenantId = TenantId(1);

    fn sign_in(session: &str) -> PendingSignIn {
        PendingSignIn {
            session: SessionKey::of(session),
            tenant: TENANT,
            verifier: "v".into(),
            redirect_uri: String::new(),
            back: String::new(),
        }
    }

    #[test]
    fn a_sign_in_is_good_once_for_its_session_its_tenant_and_ten_minutes() {
        let (mut pending, now) = (Pending::default(), Instant::now());
        let ada = SessionKey::of("ada");
        pending.add("s".into(), sign_in("ada"), now);
        assert!(pending.take("other", &ada, TENANT, now).is_none());
        assert!(
            pending
                .take("s", &SessionKey::of("eve"), TENANT, now)
                .is_none()
        );
        assert!(pending.take("s", &ada, TenantId(2), now).is_none());
        assert!(pending.take("s", &ada, TENANT, now).is_some());
        assert!(pending.take("s", &ada, TENANT, now).is_none());
        pending.add("late".into(), sign_in("ada"), now);
        assert!(pending.take("late", &ada, TENANT, now + LONGEST).is_none());
        pending.add("out".into(), sign_in("ada"), now);
        pending.forget_session(&ada);
        assert!(pending.take("out", &ada, TENANT, now).is_none());
    }

    #[test]
    fn their_number_is_bounded_and_one_session_does_not_crowd_out_another() {
        let (mut pending, now) = (Pending::default(), Instant::now());
        pending.add("ada".into(), sign_in("ada"), now);
        for number in 0..20 {
            let later = now + Duration::from_secs(1 + number);
            pending.add(format!("eve {number}"), sign_in("eve"), later);
        }
        assert_eq!(pending.0.len(), 1 + MOST_OF_SESSION);
        assert!(pending.0.contains_key("ada") && pending.0.contains_key("eve 19"));
        for number in 0..MOST + 50 {
            let name = format!("person {number}");
            pending.add(name.clone(), sign_in(&name), now);
        }
        assert!(pending.0.len() <= MOST);
    }
}
