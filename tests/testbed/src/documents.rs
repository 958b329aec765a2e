//! Documents to seed, of every form that makes events, each with an id and bytes of its own.

use crate::drain::Seed;

/// Names the feed of every document here.
pub const SOURCE: &str = "lab";

/// This number of documents, taking turns: an envelope, a digest of one article and three headlines, a single headline.
pub fn mixed(name: &str, numbers: std::ops::Range<usize>) -> Vec<Seed> {
    numbers
        .map(|number| match number % 3 {
            0 => article(name, number),
            1 => digest(name, number),
            _ => headline(name, number),
        })
        .collect()
}

/// An envelope of one article.
pub fn article(name: &str, number: usize) -> Seed {
    let envelope = serde_json::json!({
        "id": format!("{name}-{number}"),
        "title": format!("Norway and Japan sign agreement on {number} fishing vessels"),
        "body": format!(
            "OSLO - Ministers of Norway and Japan signed an agreement on Monday that lets {number} vessels fish in the \
             waters off Svalbard.\nTrade unions in Oslo called it a good day for exports."
        ),
    });
    seed(name, number, "application/json", envelope.to_string())
}

/// A digest of one article and three headlines.
pub fn digest(name: &str, number: usize) -> Seed {
    let text = format!(
        "Heavy rain flooded the centre of Nairobi on Sunday and cut off {number} villages along the river, the police \
         said. Rescue teams reached most of them by boat.\nSchools in Kenya stay closed until Wednesday.\n\n\
         Flood Waters Cut Off {number} Villages in Kenya\n\
         Brazil beats Germany {number}-2 in Handball Final\n\
         Swiss parliament votes on pension law after {number} amendments\n"
    );
    seed(name, number, "text/plain; charset=utf-8", text)
}

/// A single headline.
pub fn headline(name: &str, number: usize) -> Seed {
    seed(name, number, "text/plain", format!("Central Bank of Chile Raises Rate by {number} Points"))
}

/// Asks the processor for a fault, see `fault_points`; one without that feature does not hear it.
pub fn asking_for(fault: &str, mut document: Seed) -> Seed {
    document.headers.push(("dateline-fault-point".to_owned(), fault.to_owned()));
    document
}

/// A document of any bytes.
pub fn raw(id: &str, content_type: &str, body: impl Into<Vec<u8>>) -> Seed {
    Seed {
        id: id.to_owned(),
        content_type: Some(content_type.to_owned()),
        headers: vec![("dateline-source".to_owned(), SOURCE.to_owned())],
        body: body.into(),
    }
}

fn seed(name: &str, number: usize, content_type: &str, body: String) -> Seed {
    raw(&format!("{name}-{number}"), content_type, body)
}
