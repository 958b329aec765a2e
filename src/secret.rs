//! Text that must not reach a log, a terminal or a configuration dump.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Text that is never printed: neither by `Debug` nor when a configuration is shown.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(pub String);

/// Shown instead of a secret.
const REDACTED: &str = "***";

impl Secret {
    /// The text without the user name and password of a URL; a text that is not a URL is left out altogether.
    pub fn redacted(&self) -> String {
        match self.0.split_once("://") {
            Some((scheme, rest)) if ["amqp", "amqps", "http", "https"].contains(&scheme) => match rest.rsplit_once('@')
            {
                Some((_, host)) => format!("{scheme}://{REDACTED}@{host}"),
                None => self.0.clone(),
            },
            _ => REDACTED.to_owned(),
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.redacted())
    }
}

impl Serialize for Secret {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.redacted())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_shown() {
        let url = Secret("amqps://feed:s3cret@host:5671/%2f".to_owned());
        assert_eq!(format!("{url:?}"), "amqps://***@host:5671/%2f");
        assert_eq!(serde_json::to_string(&Secret("s3cret".to_owned())).unwrap(), "\"***\"");
    }
}
