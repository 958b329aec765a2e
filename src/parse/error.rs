//! Why a document was rejected: a stable reason for machines, a sentence for people.

/// Why bytes did not become a document.
#[derive(Debug, thiserror::Error)]
pub enum ParseError {
    /// No bytes, or nothing but white space.
    #[error("the body is empty")]
    Empty,
    /// More bytes than allowed, as received or once decompressed.
    #[error("the body is over {bytes_max} bytes{}", if *.decompressed { " once decompressed" } else { "" })]
    TooLarge {
        /// The bound it broke.
        bytes_max: usize,
        /// Whether it did so only when decompressed.
        decompressed: bool,
    },
    /// A content encoding that is not understood.
    #[error("content encoding {0:?} is not one of identity, gzip, deflate, zstd")]
    UnsupportedEncoding(String),
    /// Bytes that are not what the content encoding says.
    #[error("could not decompress the body as {encoding}")]
    MalformedEncoding {
        /// The encoding as declared.
        encoding: String,
        /// What the decompressor said.
        #[source]
        source: std::io::Error,
    },
    /// A charset that is not understood.
    #[error("charset {0:?} is not one of the WHATWG encoding standard")]
    UnsupportedCharset(String),
    /// Text that is not UTF-8 though nothing else was declared.
    #[error("the body is not UTF-8 from byte {0}")]
    InvalidUtf8(usize),
    /// Text that is not of the charset declared.
    #[error("the body is not {0}")]
    MalformedCharset(&'static str),
    /// Bytes of no supported format.
    #[error("the body is of no supported format: {0}")]
    UnknownFormat(&'static str),
    /// Text that begins as JSON, or is declared as such, and does not hold up.
    #[error("the body is not JSON")]
    MalformedJson(#[source] serde_json::Error),
    /// JSON, but no envelope.
    #[error("the body is JSON but not an object")]
    NotAnObject,
    /// A JSON object with a key of the wrong type or value.
    #[error("envelope key {key:?}: {message}")]
    MalformedEnvelope {
        /// The key at fault.
        key: String,
        /// What is wrong with it, and what is allowed.
        message: String,
    },
    /// A document of a known format without a word of text.
    #[error("the document has no text: {0}")]
    MissingText(String),
    /// More articles and headlines than allowed.
    #[error("the document has more than {0} items")]
    TooManyItems(usize),
    /// More non-blank lines than allowed.
    #[error("the document has more than {0} lines")]
    TooManyLines(usize),
}

impl ParseError {
    /// The stable code of the `dateline-reason` header.
    pub fn reason(&self) -> &'static str {
        match self {
            ParseError::Empty => "empty",
            ParseError::TooLarge { .. } => "too-large",
            ParseError::UnsupportedEncoding(_) => "unsupported-encoding",
            ParseError::MalformedEncoding { .. } => "malformed-encoding",
            ParseError::UnsupportedCharset(_) => "unsupported-charset",
            ParseError::InvalidUtf8(_) => "invalid-utf8",
            ParseError::MalformedCharset(_) => "malformed-charset",
            ParseError::UnknownFormat(_) => "unknown-format",
            ParseError::MalformedJson(_) => "malformed-json",
            ParseError::NotAnObject => "not-an-object",
            ParseError::MalformedEnvelope { .. } => "malformed-envelope",
            ParseError::MissingText(_) => "missing-text",
            ParseError::TooManyItems(_) => "too-many-items",
            ParseError::TooManyLines(_) => "too-many-lines",
        }
    }
}
