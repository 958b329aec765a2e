//! Parsing from outside: bytes in, documents or reasons out.

use std::fs;
use std::io::Write;
use std::path::Path;

use dateline::document::{Document, Item, ItemKind, PubStatus};
use dateline::parse::{Fault, Limits, Raw, parse};
use proptest::prelude::*;
use serde_json::{Value, json};

fn document(body: &[u8]) -> Result<Document, Fault> {
    parse(&Raw::new(body).source("desk"), &Limits::default())
}

fn item_of(item: &Item) -> Value {
    let mut shown = json!({ "kind": item.kind });
    let fields = [
        ("title", &item.text.title),
        ("dateline", &item.text.dateline),
        ("byline", &item.text.byline),
        ("body", &item.text.body),
        ("credit", &item.text.credit),
    ];
    for (name, value) in fields {
        if let Some(value) = value {
            shown[name] = json!(value);
        }
    }
    if !item.declared.sections.is_empty() {
        shown["sections"] = json!(*item.declared.sections);
    }
    shown
}

#[test]
fn a_bulletin_is_one_article_and_seventeen_headlines() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/documents/bulletin.txt");
    let document = document(&fs::read(&path).unwrap()).unwrap();
    let (article, headlines) = document.items.split_first().unwrap();
    assert_eq!((article.kind, article.text.title.as_deref()), (ItemKind::Article, None));
    assert_eq!(article.text.body.as_deref().unwrap().split('\n').count(), 6);
    assert_eq!(headlines.len(), 17);
    assert!(headlines.iter().all(|headline| headline.kind == ItemKind::Headline));
}

proptest! {
    #[test]
    fn no_bytes_make_the_parser_panic(body in prop::collection::vec(any::<u8>(), 0..600)) {
        document(&body).map_or_else(|fault| fault.detail.len(), |document| document.items.len());
    }
}

#[track_caller]
fn check_reason(raw: &Raw<'_>, expected: &str) {
    let reason = parse(raw, &Limits::default()).map_or_else(|fault| fault.reason.as_str(), |_| "accepted");
    assert_eq!(reason, expected, "{:?} {:?}", String::from_utf8_lossy(raw.body), raw.content_type);
}

#[test]
fn what_is_no_document_is_rejected_with_a_stable_reason() {
    let rows: [(&[u8], &str, &str); 26] = [
        (b"", "", "empty"),
        (b" \r\n\t\n", "", "empty"),
        (b"Dike breaks\xff near coast", "", "invalid-utf8"),
        (b"%PDF-1.7 and so on", "text/plain", "unknown-format"),
        (b"\x89PNG\r\n\x1a\n", "application/json", "unknown-format"),
        (b"PK\x03\x04 docx", "", "unknown-format"),
        (b"Dike\0breaks", "text/plain", "unknown-format"),
        (b"\x01\x02\x03\x04 noise", "", "unknown-format"),
        (b"<?xml version=\"1.0\"?><rss/>", "", "unknown-format"),
        (b"<!doctype html><p>Dike breaks</p>", "text/plain", "unknown-format"),
        (b"[1, 2]", "", "not-an-object"),
        (b"[\"id\"]", "application/json", "not-an-object"),
        (b"\"Dike breaks\"", "application/json", "not-an-object"),
        (b"42", "", "not-an-object"),
        (b"null", "application/json; charset=utf-8", "not-an-object"),
        (b"{\"title\": \"Dike", "", "malformed-json"),
        (b"{\"title\": \"Dike breaks\"} trailing", "", "malformed-json"),
        (b"{oops}", "application/json", "malformed-json"),
        (b"{}", "", "missing-text"),
        (b"{\"title\": \" \", \"body\": \"\\n\"}", "", "missing-text"),
        (b"{\"title\": \"Dike breaks\", \"html\": \"<p>Water rose.</p>\"}", "", "missing-text"),
        (b"-----\n***\n2024\n", "", "missing-text"),
        (b"Dike breaks", "text/plain; charset=klingon", "unsupported-charset"),
        (b"{\"title\": 5}", "", "malformed-envelope"),
        (b"{\"title\": \"Dike breaks\", \"published\": \"yesterday\"}", "", "malformed-envelope"),
        (b"{\"title\": \"Dike breaks\", \"status\": \"draft\"}", "", "malformed-envelope"),
    ];
    for (body, content_type, expected) in rows {
        let content_type = Some(content_type).filter(|declared| !declared.is_empty());
        check_reason(&Raw::new(body).content_type(content_type), expected);
    }
}

#[test]
fn a_malformed_envelope_names_the_key() {
    let error = document(br#"{"title": "Dike breaks", "sections": ["Weather", 7]}"#).unwrap_err();
    assert!(error.to_string().contains("sections[1]"), "{error}");
}

#[track_caller]
fn check_titles(raw: &Raw<'_>, expected: &[&str]) {
    let document = parse(raw, &Limits::default()).expect("the row is a document");
    let titles: Vec<&str> = document.items.iter().filter_map(|item| item.text.title.as_deref()).collect();
    assert_eq!(titles, expected);
}

#[test]
fn a_content_type_that_lies_yields_to_the_content() {
    let rows: [(&[u8], &str, &[&str]); 6] = [
        (br#"{"title": "Dike breaks"}"#, "text/plain", &["Dike breaks"]),
        (b"Dike breaks", "application/json", &["Dike breaks"]),
        (b"[09:30] Dike breaks", "text/plain", &["Dike breaks"]),
        (b"{Corrected} Dike breaks", "text/plain", &["{Corrected} Dike breaks"]),
        (b"BMW recalls cars", "image/bmp", &["BMW recalls cars"]),
        (b"Dike breaks", "not a type", &["Dike breaks"]),
    ];
    for (body, content_type, expected) in rows {
        check_titles(&Raw::new(body).content_type(content_type), expected);
    }
}

#[test]
fn text_is_decoded_by_its_mark_its_charset_or_as_utf8() {
    let rows: [(&[u8], &str); 8] = [
        ("Élection à Łódź".as_bytes(), "text/plain"),
        ("\u{feff}Élection à Łódź".as_bytes(), "text/plain; charset=utf-16le"),
        (b"\xc9lection \xe0 Paris", "text/plain; charset=ISO-8859-1"),
        ("Élection à Paris".as_bytes(), "text/plain; charset=iso-8859-1"),
        ("Élection à Paris".as_bytes(), "text/plain; charset=us-ascii"),
        (b"\xff\xfe\xc9\0l\0u\0", "text/plain"),
        (b"\xfe\xff\0\xc9\0l\0u", "application/octet-stream"),
        (b"\x82\xa9\x82\xc8", "text/plain; charset=shift_jis"),
    ];
    let expected = [
        "Élection à Łódź",
        "Élection à Łódź",
        "Élection à Paris",
        "Élection à Paris",
        "Élection à Paris",
        "Élu",
        "Élu",
        "かな",
    ];
    for ((body, content_type), expected) in rows.into_iter().zip(expected) {
        check_titles(&Raw::new(body).content_type(content_type), &[expected]);
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("a vector takes every byte");
    encoder.finish().expect("a vector takes every byte")
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

#[test]
fn compressed_bodies_are_read_in_any_order_of_encodings() {
    let mut deflate = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    deflate.write_all(b"Dike breaks").unwrap();
    let mut raw_deflate = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
    raw_deflate.write_all(b"Dike breaks").unwrap();
    let rows = [
        (b"Dike breaks".to_vec(), "identity"),
        (b"Dike breaks".to_vec(), "utf-8"),
        (gzip(b"Dike breaks"), "gzip"),
        (deflate.finish().unwrap(), "deflate"),
        (raw_deflate.finish().unwrap(), "deflate"),
        (zstd(b"Dike breaks"), "zstd"),
        ([zstd(b"Dike "), zstd(b"breaks")].concat(), "zstd"),
        (zstd(&gzip(b"Dike breaks")), "GZIP, zstd"),
    ];
    for (body, encoding) in &rows {
        let raw = Raw::new(body).content_encoding(*encoding);
        check_titles(&raw, &["Dike breaks"]);
    }
}

#[test]
fn compressed_bodies_are_bounded_and_must_be_whole() {
    let (bomb, zbomb) = (gzip(&vec![b'a'; 11 << 20]), zstd(&vec![b'a'; 11 << 20]));
    let whole = gzip(b"Dike breaks");
    let rows: [(&[u8], &str, &str); 6] = [
        (&bomb, "gzip", "too-large"),
        (&zbomb, "zstd", "too-large"),
        (&whole[..whole.len() - 4], "gzip", "malformed-encoding"),
        (b"Dike breaks", "zstd", "malformed-encoding"),
        (b"Dike breaks", "br", "unsupported-encoding"),
        (&whole, "gzip, gzip, gzip, gzip, gzip", "unsupported-encoding"),
    ];
    for (body, encoding, expected) in rows {
        check_reason(&Raw::new(body).content_encoding(encoding), expected);
    }
}

#[test]
fn an_envelope_is_one_item_with_all_it_says() {
    let document = document(
        br#"{"id": "a-1", "version": 3, "source": "wire", "title": "Dike breaks\nnear coast", "dateline": "HULL",
            "body": "Water rose.\r\n\r\nNobody was hurt", "byline": "Ann Lee", "url": "https://example.org/1",
            "language": "en", "published": "2025-12-14T10:30:00+01:00", "status": "withheld", "sections": ["Weather"],
            "categories": ["floods"], "html": "<p>Water rose.</p>", "desk": {"unknown": true}}"#,
    )
    .unwrap();
    assert_eq!((&*document.name.id, document.name.version.as_deref()), ("a-1", Some("3")));
    assert_eq!((document.source.as_str(), document.format.as_str()), ("wire", "json"));
    let declared = &document.items[0].declared;
    assert_eq!(declared.status, PubStatus::Withheld);
    assert_eq!(declared.time.map(|time| time.to_string()).as_deref(), Some("2025-12-14T09:30:00Z"));
    assert_eq!(declared.language, "en".parse().ok());
    assert_eq!(declared.url.as_deref(), Some("https://example.org/1"));
    let expected = json!([{
        "kind": "article", "title": "Dike breaks near coast", "dateline": "HULL", "byline": "Ann Lee",
        "body": "Water rose.\nNobody was hurt", "sections": ["Weather", "floods"],
    }]);
    assert_eq!(json!(document.items.iter().map(item_of).collect::<Vec<_>>()), expected);
}

#[test]
fn an_envelope_is_split_only_when_it_says_digest() {
    let digest =
        document(br#"{"id": "d", "format": "digest", "body": "Dike breaks\nFerry sinks", "sections": ["Sea"]}"#);
    let digest = digest.unwrap();
    assert_eq!((digest.format.as_str(), digest.items.len()), ("digest", 2));
    assert_eq!(*digest.items[1].declared.sections, ["Sea"]);
    let article = document(br#"{"body": "Dike breaks\nFerry sinks"}"#).unwrap();
    assert_eq!((article.format.as_str(), article.items.len()), ("json", 1));
}

#[test]
fn a_document_is_known_by_the_first_name_that_exists() {
    let bare = Raw::new(b"Dike breaks").source("desk");
    let mut sent = bare.clone();
    (sent.message_id, sent.timestamp) = (Some("m-1"), Some(1_765_704_600));
    let mut named = sent.clone();
    named.id = Some("h-1");
    let mut enveloped = named.clone();
    enveloped.body = br#"{"id": "e-1", "title": "Dike breaks"}"#;
    let read = |raw: &Raw<'_>| parse(raw, &Limits::default()).unwrap();
    assert_eq!(*read(&bare).name.id, read(&bare).sha256.to_string());
    assert_eq!(&*read(&sent).name.id, "m-1");
    assert_eq!(&*read(&named).name.id, "h-1");
    assert_eq!(&*read(&enveloped).name.id, "e-1");
    assert_eq!(read(&bare).items[0].declared.time, None);
    assert_eq!(read(&sent).items[0].declared.time, "2025-12-14T09:30:00Z".parse().ok());
}

#[test]
fn a_language_is_read_as_a_tag_in_its_normal_form_and_declares_nothing_when_it_is_none() {
    for (declared, expected) in
        [("en", Some("en")), ("PT_br", Some("pt-BR")), ("EN-gb", Some("en-GB")), ("English", None)]
    {
        let body = format!(r#"{{"title": "Dike breaks", "language": "{declared}"}}"#);
        let language = document(body.as_bytes()).unwrap().items[0].declared.language.clone();
        assert_eq!(language.map(|tag| tag.to_string()).as_deref(), expected, "{declared}");
    }
}

#[test]
fn hostile_sizes_are_rejected_or_read_without_harm() {
    let headlines = "Dike breaks near the coast\n".repeat(100_000);
    check_reason(&Raw::new(headlines.as_bytes()), "too-many-items");
    let lines = "a\n".repeat(300_000);
    check_reason(&Raw::new(lines.as_bytes()), "too-many-lines");
    let over = vec![b'a'; (10 << 20) + 1];
    check_reason(&Raw::new(&over), "too-large");
    let blank = [b"Dike breaks".as_slice(), &vec![b'\n'; 1 << 20]].concat();
    check_titles(&Raw::new(&blank), &["Dike breaks"]);
    let one_line = "Water rose. ".repeat(80_000);
    assert_eq!(document(one_line.as_bytes()).unwrap().items.len(), 1);
    let nested = "[".repeat(1_000_000);
    check_reason(&Raw::new(nested.as_bytes()), "missing-text");
    let deep = format!("{{\"title\": {}", "{\"a\":".repeat(100_000));
    check_reason(&Raw::new(deep.as_bytes()), "malformed-envelope");
}
