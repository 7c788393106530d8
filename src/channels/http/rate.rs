//! Rate limits: a budget for each class of routes and client, and budgets of integrators' API keys.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::client_address::TrustedProxies;
use super::error::Error;
use crate::channels::metrics::Metrics;

/// Number of requests after which addresses with a full allowance are dropped from the table.
const SWEEP_INTERVAL_REQUESTS: u32 = 4_096;

/// The requests that one client may make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// The sustained rate.
    pub per_second: NonZeroU32,
    /// The number of requests at once.
    pub burst: NonZeroU32,
}

impl Rate {
    /// Creates a rate; numbers below 1 count as 1.
    #[must_use]
    pub fn new(per_second: u32, burst: u32) -> Self {
        let at_least_one = |number: u32| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        Self {
            per_second: at_least_one(per_second),
            burst: at_least_one(burst),
        }
    }

    fn quota(self) -> Quota {
        Quota::per_second(self.per_second).allow_burst(self.burst)
    }
}

/// Routes that share a budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Ask,
    Suggest,
    Search,
    Feedback,
    /// Pages, and the routes of the API that need no search.
    Pages,
}

impl Class {
    /// Returns the name in settings and metrics.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Ask => "ask",
            Self::Suggest => "suggest",
            Self::Search => "search",
            Self::Feedback => "feedback",
            Self::Pages => "pages",
        }
    }
}

/// The rates of one client for each class of routes; `None` for no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rates {
    /// `POST /ask` and `GET /explain`.
    pub ask: Option<Rate>,
    /// `GET /suggest`, requested while a member types.
    pub suggest: Option<Rate>,
    /// `GET /search`.
    pub search: Option<Rate>,
    /// `POST /feedback`.
    pub feedback: Option<Rate>,
    /// Pages and all other routes.
    pub pages: Option<Rate>,
}

impl Default for Rates {
    /// Allows an office behind one address to search while typing.
    fn default() -> Self {
        let rate = Some(Rate::new(20, 60));
        Self {
            ask: rate,
            suggest: rate,
            search: rate,
            feedback: rate,
            pages: rate,
        }
    }
}

impl Rates {
    /// No limits.
    #[must_use]
    pub const fn off() -> Self {
        Self {
            ask: None,
            suggest: None,
            search: None,
            feedback: None,
            pages: None,
        }
    }

    fn of(&self, class: Class) -> Option<Rate> {
        match class {
            Class::Ask => self.ask,
            Class::Suggest => self.suggest,
            Class::Search => self.search,
            Class::Feedback => self.feedback,
            Class::Pages => self.pages,
        }
    }
}

/// A key of an integrator, whose requests have a budget of their own.
#[derive(Clone)]
pub struct ApiKey {
    /// The name in the log.
    pub name: String,
    /// The key.
    pub key: String,
    /// The budget of all its requests; `None` for no limit.
    pub rate: Option<Rate>,
}

/// An API key and the rest of its budget.
struct Account {
    digest: [u8; 32],
    limiter: Option<DefaultDirectRateLimiter>,
}

/// The state that all classes share.
pub(super) struct Limits {
    rates: Rates,
    proxies: TrustedProxies,
    accounts: Vec<Account>,
    metrics: Arc<Metrics>,
}

/// The budgets of one class.
#[derive(Clone)]
struct Budget {
    class: Class,
    limits: Arc<Limits>,
    clients: Option<Arc<Clients>>,
}

/// The budgets of all clients.
struct Clients {
    limiter: DefaultKeyedRateLimiter<IpAddr>,
    requests: AtomicU32,
}

impl Limits {
    pub(super) fn new(
        rates: Rates,
        proxies: TrustedProxies,
        keys: &[ApiKey],
        metrics: Arc<Metrics>,
    ) -> Self {
        let accounts = keys.iter().map(|key| {
            tracing::info!(name = key.name, "http: API key accepted");
            Account {
                digest: Sha256::digest(&key.key).into(),
                limiter: key.rate.map(|rate| RateLimiter::direct(rate.quota())),
            }
        });
        Self {
            rates,
            proxies,
            accounts: accounts.collect(),
            metrics,
        }
    }

    /// Returns the same limits for routes that no key of an integrator opens.
    pub(super) fn without_keys(&self) -> Arc<Self> {
        Arc::new(Self {
            rates: self.rates,
            proxies: self.proxies.clone(),
            accounts: Vec::new(),
            metrics: Arc::clone(&self.metrics),
        })
    }

    /// Applies the limit of a class to every route of a router.
    pub(super) fn apply<S: Clone + Send + Sync + 'static>(
        self: &Arc<Self>,
        class: Class,
        router: Router<S>,
    ) -> Router<S> {
        let rate = self.rates.of(class);
        if rate.is_none() && self.accounts.is_empty() {
            return router;
        }
        let budget = Budget {
            class,
            limits: Arc::clone(self),
            clients: rate.map(|rate| {
                Arc::new(Clients {
                    limiter: RateLimiter::keyed(rate.quota()),
                    requests: AtomicU32::new(0),
                })
            }),
        };
        router.layer(from_fn_with_state(budget, limit))
    }

    /// Finds the account of the key in `authorization: Bearer …`; compares with each key in constant
    /// time. `None` for other schemes, or if no keys are configured.
    fn account(&self, headers: &HeaderMap) -> Result<Option<&Account>, Error> {
        if self.accounts.is_empty() {
            return Ok(None);
        }
        let value = headers.get(header::AUTHORIZATION);
        let Some(key) = value.and_then(|value| bearer(value.as_bytes())) else {
            return Ok(None);
        };
        let digest: [u8; 32] = Sha256::digest(key).into();
        let mut found = None;
        for account in &self.accounts {
            if bool::from(account.digest.ct_eq(&digest)) {
                found = Some(account);
            }
        }
        found.map(Some).ok_or(Error::UnknownApiKey)
    }
}

/// Returns the credentials of the scheme `Bearer`.
pub(in crate::channels) fn bearer(value: &[u8]) -> Option<&[u8]> {
    const SCHEME: &[u8] = b"bearer ";
    let (scheme, key) = value.split_at_checked(SCHEME.len())?;
    scheme
        .eq_ignore_ascii_case(SCHEME)
        .then(|| key.trim_ascii())
}

async fn limit(State(budget): State<Budget>, request: Request, next: Next) -> Response {
    match budget.spend(&request) {
        Ok(()) => next.run(request).await,
        Err(error) => error.into_response(),
    }
}

impl Budget {
    /// Takes one request from the budget of its key or client.
    fn spend(&self, request: &Request) -> Result<(), Error> {
        let account = self.limits.account(request.headers());
        if let Ok(Some(account)) = account {
            let Some(limiter) = &account.limiter else {
                return Ok(());
            };
            return limiter.check().map_err(|refusal| self.refuse(&refusal));
        }
        if let Some(clients) = &self.clients {
            let earlier = clients.requests.fetch_add(1, Ordering::Relaxed);
            if earlier % SWEEP_INTERVAL_REQUESTS == SWEEP_INTERVAL_REQUESTS - 1 {
                clients.limiter.retain_recent();
            }
            let proxies = &self.limits.proxies;
            let client = proxies.client(request.extensions(), request.headers());
            let spent = clients.limiter.check_key(&client);
            spent.map_err(|refusal| self.refuse(&refusal))?;
        }
        // Returned after the limit was applied, so that guesses of keys are rate-limited too.
        account.map(|_| ())
    }

    fn refuse(&self, refusal: &governor::NotUntil<<DefaultClock as Clock>::Instant>) -> Error {
        self.limits.metrics.count_rate_limited(self.class.name());
        let wait = refusal.wait_time_from(DefaultClock::default().now());
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        Error::TooManyRequests {
            retry_after: seconds.max(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_bearer_credentials_are_keys() {
        assert_eq!(bearer(b"Bearer abc "), Some(&b"abc"[..]));
        assert_eq!(bearer(b"bearer  abc"), Some(&b"abc"[..]));
        for other in [&b"Basic abc"[..], b"Bearer", b"abc", b""] {
            assert_eq!(bearer(other), None);
        }
    }

    #[test]
    fn a_key_has_a_budget_of_its_own_and_a_wrong_one_is_refused() {
        let key = |name: &str, rate| ApiKey {
            name: name.to_owned(),
            key: format!("key-of-{name}"),
            rate,
        };
        let keys = [key("crm", Some(Rate::new(1, 2))), key("batch", None)];
        let limits = Limits::new(
            Rates::off(),
            TrustedProxies::default(),
            &keys,
            Arc::default(),
        );
        let budget = Budget {
            class: Class::Ask,
            clients: Some(Arc::new(Clients {
                limiter: RateLimiter::keyed(Rate::new(1, 3).quota()),
                requests: AtomicU32::new(0),
            })),
            limits: Arc::new(limits),
        };
        let spend = |key: Option<&str>| {
            let mut request = Request::new(axum::body::Body::empty());
            if let Some(key) = key {
                let value = format!("Bearer {key}").parse().expect("a header");
                request.headers_mut().insert(header::AUTHORIZATION, value);
            }
            budget.spend(&request)
        };
        // The clock runs on during the test, so a budget may gain a request.
        let refusal = |key| (0..50).find_map(|_| spend(key).err());
        assert!(spend(Some("key-of-crm")).is_ok() && spend(Some("key-of-crm")).is_ok());
        let refused = refusal(Some("key-of-crm"));
        assert!(matches!(
            refused,
            Some(Error::TooManyRequests { retry_after: 1 })
        ));
        assert!(refusal(Some("key-of-batch")).is_none());
        assert!(spend(None).is_ok());
        assert!(matches!(spend(Some("wrong")), Err(Error::UnknownApiKey)));
        let is_limited =
            |key| (0..50).any(|_| matches!(spend(key), Err(Error::TooManyRequests { .. })));
        assert!(is_limited(None) && is_limited(Some("wrong")));
    }
}
