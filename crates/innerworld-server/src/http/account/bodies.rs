//! Bodies of the account routes, and their description.

use innerworld_core::{
    identity::{
        consent::{ConsentRecord, MemoryMode, Purpose},
        gate::Standing,
        profile::{AgeBand, Profile},
    },
    ids::TeenId,
    persona::PersonaId,
    secret::Text,
};
use innerworld_protocol::codes::ErrorCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::openapi::{Operation, body, operation};

/// `GET /v1/me`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Me {
    /// The subject.
    #[schemars(with = "String")]
    teen: TeenId,
    /// `active`, `profile_incomplete`, `consent_required` or `closed`.
    state: &'static str,
    /// `13-15`, `16-17` or `18+`.
    #[schemars(with = "Option<String>")]
    band: Option<AgeBand>,
    country: Option<String>,
    region: Option<String>,
    time_zone: Option<String>,
    /// A zone that counts from the next day on, and the day it was asked for.
    next_time_zone: Option<String>,
    locale: Option<String>,
    #[schemars(with = "Option<String>")]
    name: Option<Text>,
    /// `off`, `facts_only` or `full`.
    #[schemars(with = "String")]
    memory: MemoryMode,
}

impl Me {
    pub(super) fn new(
        teen: TeenId,
        standing: Standing,
        profile: Option<Profile>,
        band: Option<AgeBand>,
        memory: MemoryMode,
    ) -> Self {
        let state = match standing {
            Standing::Active(_) => "active",
            Standing::ProfileIncomplete => "profile_incomplete",
            Standing::ConsentRequired => "consent_required",
            Standing::Closed => "closed",
        };
        let mut me = Self {
            teen,
            state,
            band,
            country: None,
            region: None,
            time_zone: None,
            next_time_zone: None,
            locale: None,
            name: None,
            memory,
        };
        if let Some(profile) = profile {
            me.country = Some(profile.country);
            me.region = profile.region;
            me.time_zone = Some(profile.time_zone);
            me.next_time_zone = profile.next_time_zone;
            me.locale = Some(profile.locale);
            me.name = profile.name;
        }
        me
    }
}

/// `PATCH /v1/me/profile`. The first one completes it and needs `birth_date` or `age_band`,
/// `country`, `time_zone` and `locale`; age is fixed from then on.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct ProfilePatch {
    /// `YYYY-MM-DD`; becomes a band and is not kept.
    #[schemars(with = "Option<String>")]
    pub(super) birth_date: Option<Text>,
    #[schemars(with = "Option<String>")]
    pub(super) age_band: Option<AgeBand>,
    pub(super) country: Option<String>,
    pub(super) region: Option<String>,
    pub(super) time_zone: Option<String>,
    pub(super) locale: Option<String>,
    #[schemars(with = "Option<String>")]
    pub(super) name: Option<Text>,
    /// The app transaction that the App Store signed, as `StoreKit` gives it
    /// (`AppTransaction.shared.jwsRepresentation`). Only a keyed hash of its id is kept, by which a
    /// parent's withdrawal of consent is found.
    #[schemars(with = "Option<String>")]
    pub(super) app_transaction: Option<Text>,
}

/// `PUT /v1/me/consents`.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct ConsentsPut {
    pub(super) consents: Vec<ConsentPut>,
}

/// One consent given or withdrawn.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct ConsentPut {
    #[schemars(with = "String")]
    pub(super) purpose: Purpose,
    #[serde(default)]
    pub(super) recipient: String,
    pub(super) text_version: String,
    pub(super) granted: bool,
    #[schemars(with = "Option<String>")]
    pub(super) mode: Option<MemoryMode>,
    #[schemars(with = "Option<String>")]
    pub(super) persona: Option<PersonaId>,
}

/// `PUT /v1/me/memory/settings`.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct MemorySettings {
    /// `off`, `facts_only` or `full`.
    #[schemars(with = "String")]
    pub(super) mode: MemoryMode,
    /// Only for this persona.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub(super) persona: Option<PersonaId>,
}

/// `GET /v1/me/consents`: the latest record of each purpose, recipient and persona.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Consents {
    #[schemars(with = "Vec<serde_json::Value>")]
    pub(super) consents: Vec<ConsentRecord>,
}

/// `GET /v1/consents`.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct CatalogueBody {
    pub(super) consents: Vec<CatalogueEntry>,
}

/// A purpose as it is to be shown.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct CatalogueEntry {
    #[schemars(with = "String")]
    pub(super) purpose: Purpose,
    pub(super) title: String,
    pub(super) text: String,
    pub(super) text_version: String,
    pub(super) text_hash: String,
    /// Whether sockets need it.
    pub(super) required: bool,
    /// Companies that would receive data; each needs a consent of its own.
    pub(super) recipients: Vec<String>,
}

/// `POST /v1/tickets`.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct TicketBody {
    #[schemars(with = "String")]
    pub(super) ticket: Text,
    pub(super) expires_in_s: u32,
}

/// `GET /v1/dev/code`.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct DevCode {
    #[schemars(with = "String")]
    pub(super) code: Text,
}

/// `GET /v1/client`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ClientInfo {
    /// Endpoint of the Cognito API.
    pub cognito_url: String,
    /// User pool.
    pub user_pool_id: String,
    /// App client.
    pub client_id: String,
    /// Socket.
    pub ws_url: String,
    /// HTTP.
    pub http_url: String,
    /// `offline` or `model`.
    pub mode: String,
    /// The model that answers.
    pub model: Option<String>,
    /// The company behind it, as consents name it.
    pub company: Option<String>,
    /// Fewest characters of a password.
    pub password_min_chars: usize,
    /// Whether people may sign in with Apple: `/oauth2/authorize` below `http_url`, with
    /// `identity_provider=SignInWithApple`.
    pub sign_in_with_apple: bool,
    /// Whether sign-up codes can be read at `/v1/dev/code`.
    pub dev_codes: bool,
}

/// The account operations.
pub fn operations() -> Vec<Operation> {
    let mut operations = own_operations();
    operations.extend(other_operations());
    operations
}

fn own_operations() -> Vec<Operation> {
    vec![
        Operation {
            response: (200, body::<Me>()),
            ..operation("get", "/v1/me", "Age state and settings.")
        },
        Operation {
            response: (202, None),
            ..operation(
                "delete",
                "/v1/me",
                "Erases the account and everything kept for it.",
            )
        },
        Operation {
            request: body::<ProfilePatch>(),
            response: (200, body::<Me>()),
            codes: &[
                ErrorCode::Invalid,
                ErrorCode::Forbidden,
                ErrorCode::Conflict,
            ],
            ..operation(
                "patch",
                "/v1/me/profile",
                "Completes the profile, or changes settings.",
            )
        },
        Operation {
            response: (200, body::<Consents>()),
            ..operation(
                "get",
                "/v1/me/consents",
                "The latest record of each consent.",
            )
        },
        Operation {
            request: body::<ConsentsPut>(),
            response: (200, body::<Consents>()),
            codes: &[ErrorCode::Invalid, ErrorCode::ProfileIncomplete],
            ..operation(
                "put",
                "/v1/me/consents",
                "Gives or withdraws consents, all or none.",
            )
        },
        Operation {
            request: body::<MemorySettings>(),
            response: (200, body::<Consents>()),
            codes: &[ErrorCode::Invalid, ErrorCode::ProfileIncomplete],
            ..operation(
                "put",
                "/v1/me/memory/settings",
                "Chooses how much is remembered.",
            )
        },
    ]
}

fn other_operations() -> Vec<Operation> {
    vec![
        Operation {
            response: (204, None),
            ..operation("post", "/v1/me/sign-out", "Ends all sessions.")
        },
        Operation {
            response: (200, body::<TicketBody>()),
            ..operation(
                "post",
                "/v1/tickets",
                "A socket ticket: one use, 30 seconds.",
            )
        },
        Operation {
            secured: false,
            response: (200, body::<ClientInfo>()),
            codes: &[],
            ..operation("get", "/v1/client", "Where to sign in, and who answers.")
        },
        Operation {
            secured: false,
            response: (200, body::<CatalogueBody>()),
            codes: &[],
            ..operation(
                "get",
                "/v1/consents",
                "What is asked, with texts and recipients.",
            )
        },
        Operation {
            secured: false,
            query: &["sub"],
            response: (200, body::<DevCode>()),
            codes: &[ErrorCode::NotFound],
            ..operation(
                "get",
                "/v1/dev/code",
                "The sign-up code, on a development server only.",
            )
        },
    ]
}
