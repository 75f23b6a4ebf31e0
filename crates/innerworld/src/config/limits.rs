//! `[limits]`: bounds of connections, sessions and sign-in.

use std::time::Duration;

use innerworld_core::conversation::limits::Limits;
use innerworld_server::cognito::Rates;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Bounds of connections, sessions and sign-in. Clients are told those they need in `welcome`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct LimitsConfig {
    /// Frames a second from one connection.
    pub(crate) frames_per_s: u32,
    /// Frames that may come at once.
    pub(crate) frames_burst: u32,
    /// Messages that may come at once.
    pub(crate) messages_burst: u32,
    /// Messages a minute.
    pub(crate) messages_per_min: u32,
    /// Protocol errors a minute before the connection is closed.
    pub(crate) protocol_errors_per_min: u32,
    /// Handshakes a minute of one teen.
    pub(crate) handshakes_per_teen_min: u32,
    /// Handshakes a minute from one address.
    pub(crate) handshakes_per_ip_min: u32,
    /// Sockets in all.
    pub(crate) connections: u32,
    /// Connections from one address (of IPv6, from one /64), sockets included; a school may be one.
    /// Trusted proxies are not counted.
    pub(crate) connections_per_address: u32,
    /// Requests over HTTP a minute from one address. Where help is (`/v1/safety/…`) is never refused.
    pub(crate) requests_per_address_min: u32,
    /// How long a TLS handshake may take, and the head of a request until it is complete, in milliseconds.
    pub(crate) request_head_ms: u32,
    /// Persona choices a session.
    pub(crate) persona_changes: u8,
    /// How long an opened socket may stay without `hello`, in milliseconds.
    pub(crate) hello_timeout_ms: u32,
    /// How often a client should send `ping`, in milliseconds.
    pub(crate) heartbeat_ms: u32,
    /// Time between two deltas unless the client asks otherwise, 0 to 500 milliseconds.
    pub(crate) rollup_ms: u32,
    /// A write without progress for this long ends the connection, in milliseconds.
    pub(crate) write_timeout_ms: u32,
    /// How long a running answer goes on without anybody listening, in seconds.
    pub(crate) detached_grace_s: u32,
    /// How long a session lives without a connection and without a running answer, in seconds.
    pub(crate) idle_end_s: u32,
    /// Seconds of talk a teen has in a day.
    pub(crate) daily_s: u32,
    /// How often a running answer is stored, in milliseconds.
    pub(crate) checkpoint_ms: u32,
    /// And after how many bytes at the latest.
    pub(crate) checkpoint_bytes: u32,
    /// Most hours that the rows of a session live, 1 to 24.
    pub(crate) session_life_h: u32,
    /// Events that the log of a session keeps.
    pub(crate) log_events: u32,
    /// Wrong passwords of one account in 15 minutes; then not even the right one is taken.
    pub(crate) passwords_per_account: u32,
    /// Wrong passwords from one address in 15 minutes.
    pub(crate) passwords_per_address: u32,
    /// Codes tried for one account in an hour; each code bears five tries.
    pub(crate) codes_per_account: u32,
    /// Codes tried from one address in an hour. A sign-up takes one.
    pub(crate) codes_per_address: u32,
    /// Mails to one account in an hour.
    pub(crate) mails_per_account: u32,
    /// Mails asked for from one address in an hour. A sign-up takes one.
    pub(crate) mails_per_address: u32,
    /// Sign-ins begun in a browser (`/oauth2/authorize`) from one address in an hour.
    pub(crate) sign_ins_per_address: u32,
    /// Messages from one address in an hour that claim to come from Apple and do not.
    pub(crate) forgeries_per_address: u32,
}

impl Default for LimitsConfig {
    fn default() -> Self {
        let limits = Limits::default();
        let rates = Rates::default();
        Self {
            frames_per_s: limits.frames_per_s,
            frames_burst: limits.frames_burst,
            messages_burst: limits.messages_burst,
            messages_per_min: limits.messages_per_min,
            protocol_errors_per_min: limits.protocol_errors_per_min,
            handshakes_per_teen_min: limits.handshakes_per_teen_min,
            handshakes_per_ip_min: limits.handshakes_per_ip_min,
            connections: limits.connections,
            connections_per_address: limits.connections_per_address,
            requests_per_address_min: limits.requests_per_address_min,
            request_head_ms: millis(limits.request_head),
            persona_changes: limits.persona_changes,
            hello_timeout_ms: millis(limits.hello_timeout),
            heartbeat_ms: millis(limits.heartbeat),
            rollup_ms: millis(limits.rollup),
            write_timeout_ms: millis(limits.write_timeout),
            detached_grace_s: millis(limits.detached_grace) / 1_000,
            idle_end_s: millis(limits.idle_end) / 1_000,
            daily_s: millis(limits.daily) / 1_000,
            checkpoint_ms: millis(limits.checkpoint_every),
            checkpoint_bytes: u32::try_from(limits.checkpoint_bytes).unwrap_or(u32::MAX),
            session_life_h: millis(limits.session_life) / 3_600_000,
            log_events: u32::try_from(limits.log_events).unwrap_or(u32::MAX),
            passwords_per_account: rates.passwords_per_account,
            passwords_per_address: rates.passwords_per_address,
            codes_per_account: rates.codes_per_account,
            codes_per_address: rates.codes_per_address,
            mails_per_account: rates.mails_per_account,
            mails_per_address: rates.mails_per_address,
            sign_ins_per_address: rates.sign_ins_per_address,
            forgeries_per_address: rates.forgeries_per_address,
        }
    }
}

impl LimitsConfig {
    /// The limits as the identity provider takes them.
    pub(crate) fn to_rates(&self) -> Rates {
        Rates {
            passwords_per_account: self.passwords_per_account,
            passwords_per_address: self.passwords_per_address,
            codes_per_account: self.codes_per_account,
            codes_per_address: self.codes_per_address,
            mails_per_account: self.mails_per_account,
            mails_per_address: self.mails_per_address,
            sign_ins_per_address: self.sign_ins_per_address,
            forgeries_per_address: self.forgeries_per_address,
        }
    }

    /// The limits as the session engine takes them.
    pub(crate) fn to_limits(&self) -> Limits {
        let ms = |value: u32| Duration::from_millis(value.into());
        let s = |value: u32| Duration::from_secs(value.into());
        Limits {
            frames_per_s: self.frames_per_s,
            frames_burst: self.frames_burst,
            messages_burst: self.messages_burst,
            messages_per_min: self.messages_per_min,
            protocol_errors_per_min: self.protocol_errors_per_min,
            handshakes_per_teen_min: self.handshakes_per_teen_min,
            handshakes_per_ip_min: self.handshakes_per_ip_min,
            connections: self.connections,
            connections_per_address: self.connections_per_address,
            requests_per_address_min: self.requests_per_address_min,
            request_head: ms(self.request_head_ms),
            persona_changes: self.persona_changes,
            hello_timeout: ms(self.hello_timeout_ms),
            heartbeat: ms(self.heartbeat_ms),
            rollup: ms(self.rollup_ms),
            write_timeout: ms(self.write_timeout_ms),
            detached_grace: s(self.detached_grace_s),
            idle_end: s(self.idle_end_s),
            daily: s(self.daily_s),
            checkpoint_every: ms(self.checkpoint_ms),
            checkpoint_bytes: usize::try_from(self.checkpoint_bytes).unwrap_or(usize::MAX),
            session_life: s(self.session_life_h.saturating_mul(3_600)),
            log_events: usize::try_from(self.log_events).unwrap_or(usize::MAX),
        }
    }
}

fn millis(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_those_of_the_engine() {
        assert_eq!(LimitsConfig::default().to_limits(), Limits::default());
    }
}
