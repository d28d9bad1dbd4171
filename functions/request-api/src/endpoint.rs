//! An endpoint: one path of the API, with its methods. Each method says in one place who may ask, what answers, and how the
//! OpenAPI document describes it. The router and the document are both made from these declarations.

use std::borrow::Cow;
use std::pin::Pin;

use millwright_edge::{Problem, Response};
use serde_json::{Map, Value};

use crate::call::{Call, Signed};

/// All endpoints, and the schemas that their descriptions refer to.
#[derive(Default)]
pub(crate) struct Api {
    /// The endpoints, each path once.
    pub(crate) endpoints: Vec<Endpoint>,
    /// Functions that add schemas to those of the resources, or amend a resource's schema.
    pub(crate) schemas: Vec<fn(&mut Map<String, Value>)>,
}

impl Api {
    /// Adds an endpoint. Where its path is there already, it brings the methods that are not: the first declaration counts.
    pub(crate) fn add(&mut self, endpoint: Endpoint) {
        let Some(known) = self.endpoints.iter_mut().find(|known| known.path == endpoint.path) else {
            return self.endpoints.push(endpoint);
        };
        for operation in endpoint.operations {
            if known.operation(operation.method).is_none() {
                known.operations.push(operation);
            }
        }
    }

    /// Adds schemas to the document.
    pub(crate) fn schemas(&mut self, add: fn(&mut Map<String, Value>)) {
        if IS_DESCRIBED {
            self.schemas.push(add);
        }
    }
}

/// One path and all that can be done there.
pub(crate) struct Endpoint {
    /// The path, with `{name}` for a segment that is a parameter.
    pub(crate) path: Cow<'static, str>,
    /// Describes the path's parameters, which all operations share.
    pub(crate) parameters: Option<Describe>,
    /// One for each method.
    pub(crate) operations: Vec<Operation>,
}

/// Writes a part of the OpenAPI document.
pub(crate) type Describe = Box<dyn Fn() -> Value>;

/// False in the module: its document was written when it was built, and what nobody calls is not compiled into it.
const IS_DESCRIBED: bool = cfg!(not(target_arch = "wasm32"));

fn described(describe: impl Fn() -> Value + 'static) -> Option<Describe> {
    if IS_DESCRIBED { Some(Box::new(describe)) } else { None }
}

/// A method of a path.
pub(crate) struct Operation {
    /// The method; `GET` answers `HEAD`, too.
    pub(crate) method: Method,
    /// Answers it, and says who may ask.
    pub(crate) handler: Handler,
    /// Describes it. `None` for what the document leaves out.
    pub(crate) description: Option<Describe>,
    /// The media type of its answer, which a client must take. `None` where there is no answer, or it has one of several.
    pub(crate) gives: Option<&'static str>,
}

impl Endpoint {
    /// An endpoint without methods: `{name}` in its path stands for one segment.
    pub(crate) fn at(path: impl Into<Cow<'static, str>>) -> Self {
        Self { path: path.into(), parameters: None, operations: Vec::new() }
    }

    /// Says what the parameters in the path are: an array of OpenAPI parameters.
    pub(crate) fn with_parameters(mut self, describe: impl Fn() -> Value + 'static) -> Self {
        self.parameters = described(describe);
        self
    }

    /// Adds a method.
    pub(crate) fn on(
        mut self,
        method: Method,
        handler: Handler,
        describe: impl Fn() -> Value + 'static,
    ) -> Self {
        let gives = (method != Method::Delete).then_some("application/json");
        self.operations.push(Operation { method, handler, description: described(describe), gives });
        self
    }

    /// The method that was added last answers with another media type than JSON.
    pub(crate) fn giving(mut self, media_type: impl Into<Option<&'static str>>) -> Self {
        if let Some(operation) = self.operations.last_mut() {
            operation.gives = media_type.into();
        }
        self
    }

    /// Adds a method that the document leaves out.
    pub(crate) fn undescribed(mut self, method: Method, handler: Handler) -> Self {
        self.operations.push(Operation { method, handler, description: None, gives: None });
        self
    }

    /// The operation of a method.
    pub(crate) fn operation(&self, method: Method) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.method == method)
    }

    /// The methods that it answers to, as the `Allow` header names them.
    pub(crate) fn allow(&self) -> String {
        let names = METHODS.iter().filter(|(method, _)| self.operation(*method).is_some());
        names.map(|(_, names)| *names).collect::<Vec<_>>().join(", ")
    }
}

/// A method of HTTP that some endpoint answers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    /// Reads.
    Get,
    /// Opens, or does what is no plain change.
    Post,
    /// Changes the fields that are named.
    Patch,
    /// Removes.
    Delete,
}

/// Each method with what `Allow` says when it is there.
const METHODS: [(Method, &str); 4] = [
    (Method::Get, "GET, HEAD"),
    (Method::Post, "POST"),
    (Method::Patch, "PATCH"),
    (Method::Delete, "DELETE"),
];

impl Method {
    /// Reads a request's method. `HEAD` is `GET`: the runtime leaves out the body of its answer.
    pub(crate) fn of(name: &str) -> Option<Self> {
        match name {
            "GET" | "HEAD" => Some(Self::Get),
            "POST" => Some(Self::Post),
            "PATCH" => Some(Self::Patch),
            "DELETE" => Some(Self::Delete),
            _ => None,
        }
    }

    /// Its name in the document.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Post => "post",
            Self::Patch => "patch",
            Self::Delete => "delete",
        }
    }
}

/// The code that answers, by who may ask.
pub(crate) enum Handler {
    /// Anyone. Answers without waiting for anything.
    AtOnce(fn(&Call) -> Result<Response, Problem>),
    /// Anyone: a token that comes along is not looked at.
    Stranger(Box<dyn AnswersStrangers>),
    /// Only someone whose token holds. Without one the answer is 401, and the handler is not asked.
    Person(Box<dyn AnswersPeople>),
}

impl Handler {
    /// Anyone may ask.
    pub(crate) fn stranger(handler: impl AnswersStrangers + 'static) -> Self {
        // A plain function has no size, so the box takes no memory.
        Self::Stranger(Box::new(handler))
    }

    /// Only people and service accounts whose token holds may ask.
    pub(crate) fn person(handler: impl AnswersPeople + 'static) -> Self {
        Self::Person(Box::new(handler))
    }

    /// True if the caller's token is verified first.
    pub(crate) fn is_for_people(&self) -> bool {
        matches!(self, Self::Person(_))
    }
}

/// An answer under way.
type Answer<'a> = Pin<Box<dyn Future<Output = Result<Response, Problem>> + 'a>>;

/// An `async fn(&Call)`.
pub(crate) trait AnswersStrangers {
    /// Answers a request.
    fn answer<'a>(&'a self, call: &'a Call) -> Answer<'a>;
}

impl<H: AsyncFn(&Call) -> Result<Response, Problem>> AnswersStrangers for H {
    fn answer<'a>(&'a self, call: &'a Call) -> Answer<'a> {
        Box::pin(self(call))
    }
}

/// An `async fn(&Signed<'_>)`.
pub(crate) trait AnswersPeople {
    /// Answers a request.
    fn answer<'a>(&'a self, signed: &'a Signed<'a>) -> Answer<'a>;
}

impl<H: AsyncFn(&Signed<'_>) -> Result<Response, Problem>> AnswersPeople for H {
    fn answer<'a>(&'a self, signed: &'a Signed<'a>) -> Answer<'a> {
        Box::pin(self(signed))
    }
}
