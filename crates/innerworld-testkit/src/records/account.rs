//! Accounts, credentials, tickets, profiles, consents, signing keys.

use std::time::Duration;

use innerworld_core::{
    clock::Timestamp,
    identity::{
        account::{
            Account, AccountState, CodeKind, Credential, IssuedCode, RefreshGrant, SigningKey,
            Ticket,
        },
        consent::{ConsentRecord, MemoryMode, Purpose},
        federation::{ProviderGrant, Revocation},
        oauth::{AuthorizationCode, SignInRequest},
        profile::{AgeBand, Profile},
    },
    ids::TeenId,
    secret::Redacted,
};

use super::{NOW, Records, at};

impl Records {
    /// A confirmed account with an address of its own.
    pub fn account(&self, teen: TeenId) -> Account {
        Account {
            teen,
            email: format!("teen-{:x}@example.org", teen.bits()).into(),
            state: AccountState::Confirmed,
            created_at: NOW,
            modified_at: NOW,
            federated: None,
        }
    }

    /// A credential; no password belongs to it.
    pub fn credential(&self) -> Credential {
        Credential {
            argon2id: Redacted::new(format!("$argon2id$v=19$m=8,t=1,p=1${:x}", self.bits())),
            srp_salt: Redacted::new(self.hash().to_vec()),
            srp_verifier: Redacted::new(self.hash().repeat(12)),
        }
    }

    /// A code that ends at `expires_at`.
    pub fn code(&self, kind: CodeKind, expires_at: Timestamp) -> IssuedCode {
        IssuedCode {
            kind,
            hash: self.hash(),
            tries: 0,
            expires_at,
        }
    }

    /// A refresh grant that ends at `expires_at`.
    pub fn grant(&self, teen: TeenId, expires_at: Timestamp) -> RefreshGrant {
        RefreshGrant {
            hash: self.hash(),
            teen,
            auth_time: NOW,
            expires_at,
        }
    }

    /// An account of another identity provider.
    pub fn federated(&self, teen: TeenId) -> Account {
        Account {
            email: Redacted::default(),
            federated: Some(format!("SignInWithApple_{:x}", teen.bits()).into()),
            ..self.account(teen)
        }
    }

    /// What its provider gave.
    pub fn provider_grant(&self) -> ProviderGrant {
        ProviderGrant {
            refresh_token: format!("r{:x}", self.bits()).into(),
            given_at: NOW,
        }
    }

    /// A sign-in through a browser that ends at `expires_at`.
    pub fn sign_in_request(&self, expires_at: Timestamp) -> SignInRequest {
        SignInRequest {
            redirect_uri: "org.example.app://signed-in".to_owned(),
            state: format!("{:x}", self.bits()).into(),
            app_nonce: None,
            challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".to_owned(),
            nonce: format!("{:x}", self.bits()).into(),
            expires_at,
        }
    }

    /// A code that an app may exchange until `expires_at`.
    pub fn authorization_code(&self, teen: TeenId, expires_at: Timestamp) -> AuthorizationCode {
        let request = self.sign_in_request(expires_at);
        AuthorizationCode {
            hash: self.hash(),
            teen,
            redirect_uri: request.redirect_uri,
            challenge: request.challenge,
            app_nonce: Some(request.nonce),
            expires_at,
        }
    }

    /// A grant to be taken back from `not_before` on.
    pub fn revocation(&self, not_before: Timestamp) -> Revocation {
        Revocation {
            id: self.hash(),
            token: format!("r{:x}", self.bits()).into(),
            attempts: 0,
            not_before,
            until: not_before.plus(Duration::from_secs(7 * 24 * 3_600)),
        }
    }

    /// A ticket that ends at `expires_at`.
    pub fn ticket(&self, teen: TeenId, expires_at: Timestamp) -> Ticket {
        Ticket {
            hash: self.hash(),
            teen,
            origin: "https://app.example.org".to_owned(),
            token_expires_at: at(3_600),
            token_issued_at: NOW,
            expires_at,
        }
    }

    /// A completed profile.
    pub fn profile(&self) -> Profile {
        Profile {
            band: AgeBand::From13To15,
            next_band_on: Some("2028-04-01".to_owned()),
            country: "US".to_owned(),
            region: Some("CA".to_owned()),
            time_zone: "America/Los_Angeles".to_owned(),
            next_time_zone: None,
            locale: "en-US".to_owned(),
            name: Some("Robin".to_owned().into()),
            completed_at: NOW,
            declared_on: None,
        }
    }

    /// A granted consent recorded `seconds` after `NOW`.
    pub fn consent(&self, purpose: Purpose, seconds: u64) -> ConsentRecord {
        ConsentRecord {
            purpose,
            recipient: String::new(),
            text_version: "1".to_owned(),
            text_hash: format!("{:032x}", self.bits()),
            jurisdiction: "US-CA".to_owned(),
            band: AgeBand::From13To15,
            granted: true,
            recorded_at: NOW.plus(Duration::from_secs(seconds)),
            evidence: "ui".to_owned(),
            mode: (purpose == Purpose::Memory).then_some(MemoryMode::Full),
            persona: None,
        }
    }

    /// A signing key made `seconds` after `NOW`; its bytes are no real key.
    pub fn signing_key(&self, active: bool, seconds: u64) -> SigningKey {
        SigningKey {
            kid: format!("{:032x}", self.bits()),
            active,
            pkcs8: Redacted::new(self.hash().repeat(38)),
            created_at: at(seconds),
        }
    }
}
