//! What lives as long as the isolate: configuration and what is made from it.

use std::cell::OnceCell;
use std::rc::Rc;

use millwright_domain::rate::Rate;
use millwright_edge::config::{ConfigError, read};
use millwright_edge::cors::Origins;
use millwright_edge::token::Keeper;
use millwright_edge::{Backend, Problem};
use worker::Env;

use crate::auth::{Authority, Machines};

/// The name in log lines and health reports.
pub(crate) const FUNCTION: &str = "request-api";

/// Everything that does not change between two requests.
pub(crate) struct App {
    /// The gateway.
    pub(crate) backend: Backend,
    /// Signs and verifies people's tokens.
    pub(crate) keeper: Keeper,
    /// Signs people in.
    pub(crate) authority: Authority,
    /// The machines that were seen of late.
    pub(crate) machines: Machines,
    /// `development`, `staging`, `production` or `demo`.
    pub(crate) tier: String,
    /// Whose pages may read our answers.
    pub(crate) origins: Origins,
    /// The bearer token for `/api/health` outside development.
    pub(crate) health_token: Option<String>,
    /// How many bytes an upload may have.
    pub(crate) upload_max_bytes: u64,
    /// How often someone may report a problem with a label.
    pub(crate) report_rate: Rate,
}

impl App {
    /// The isolate's one, made by its first request.
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
                machines: Machines::default(),
                tier: reader.text("TIER"),
                origins: reader.origins("CORS_ORIGINS"),
                health_token: reader.optional("HEALTH_TOKEN"),
                upload_max_bytes: reader.parsed("UPLOAD_MAX_BYTES"),
                report_rate: reader.parsed("REPORT_RATE"),
            })
        })
    }
}
