//! Configuration and what is made from it, kept as long as the isolate lives.

use std::cell::OnceCell;
use std::rc::Rc;

use millwright_domain::rate::Rate;
use millwright_edge::config::{ConfigError, read};
use millwright_edge::cors::Origins;
use millwright_edge::token::Keeper;
use millwright_edge::{Backend, Problem};
use worker::Env;

use crate::auth::{Authority, ServiceAccountCache};
use crate::picture_address::Signer;

/// Everything that does not change between two requests.
pub(crate) struct App {
    /// The gateway.
    pub(crate) backend: Backend,
    /// Signs and verifies people's tokens.
    pub(crate) keeper: Keeper,
    /// Signs people in.
    pub(crate) authority: Authority,
    /// Remembers the service accounts whose API tokens were exchanged lately.
    pub(crate) service_accounts: ServiceAccountCache,
    /// `development`, `staging`, `production` or `demo`.
    pub(crate) tier: String,
    /// Our own address, as people are told it.
    pub(crate) public_url: String,
    /// The origins whose pages may read our answers.
    pub(crate) origins: Origins,
    /// The bearer token for `/api/health` outside development.
    pub(crate) health_token: Option<String>,
    /// Signs the addresses of pictures.
    pub(crate) pictures: Signer,
    /// The most bytes that an upload may have.
    pub(crate) upload_max_bytes: u64,
    /// The most reports that one address may send by a machine's label.
    pub(crate) report_rate: Rate,
}

impl App {
    /// Answers with the isolate's one, which its first request makes.
    pub(crate) fn of(env: &Env) -> Result<Rc<Self>, Problem> {
        thread_local! {
            static APP: OnceCell<Rc<App>> = const { OnceCell::new() };
        }
        APP.with(|cell| {
            if let Some(app) = cell.get() {
                return Ok(Rc::clone(app));
            }
            let app = Self::read(env)
                .map_err(|error| Problem::unavailable("the function is not configured", error.to_string()))?;
            Ok(Rc::clone(cell.get_or_init(|| Rc::new(app))))
        })
    }

    fn read(env: &Env) -> Result<Self, ConfigError> {
        read(env, |reader| {
            Some(Self {
                backend: reader.backend(),
                keeper: Keeper::read(reader),
                authority: Authority::read(reader),
                service_accounts: ServiceAccountCache::default(),
                tier: reader.text("TIER"),
                public_url: reader.address("PUBLIC_URL"),
                origins: reader.origins("CORS_ORIGINS"),
                health_token: reader.optional("HEALTH_TOKEN"),
                pictures: Signer::read(reader),
                upload_max_bytes: reader.parsed("UPLOAD_MAX_BYTES"),
                report_rate: reader.parsed("REPORT_RATE"),
            })
        })
    }
}
