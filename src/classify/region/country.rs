//! The countries: codes, names, M49 paths and neighbours. Nothing about how texts name them.

use crate::classify::DataError;
use crate::classify::data::rows::{Row, rows};
use crate::document::{CountryCode, CountryCodeError};

/// Index of a country in [`Countries`].
pub(super) type CountryIndex = u8;

/// For entries that do not represent a country: `NATO`, `Latin America`.
pub(super) const NO_COUNTRY: CountryIndex = u8::MAX;

/// Maximum number of countries in a table; one index is kept for [`NO_COUNTRY`].
pub(super) const COUNTRIES_MAX: usize = NO_COUNTRY as usize;

/// One country.
#[derive(Debug)]
pub(super) struct Country {
    pub(super) code: CountryCode,
    pub(super) name: String,
    pub(super) m49: Vec<String>,
    pub(super) neighbours: Vec<CountryIndex>,
}

/// All countries, in the order of their codes.
#[derive(Debug)]
pub(super) struct Countries {
    countries: Vec<Country>,
    by_code: Vec<CountryIndex>,
}

impl Countries {
    /// Reads `code name m49 neighbours population`.
    pub(super) fn read(file: &str, text: &str) -> Result<Countries, DataError> {
        let mut countries = Countries { countries: Vec::new(), by_code: vec![NO_COUNTRY; 26 * 26] };
        for row in rows(file, text) {
            countries.add(&row)?;
        }
        for (index, row) in rows(file, text).enumerate() {
            let codes = row.columns().nth(3).unwrap_or_default();
            let neighbours = codes.split(' ').filter(|code| *code != "-").map(|code| countries.find(&row, code));
            countries.countries[index].neighbours = neighbours.collect::<Result<_, _>>()?;
        }
        Ok(countries)
    }

    fn add(&mut self, row: &Row<'_>) -> Result<(), DataError> {
        let [code, name, m49] = row.first_columns()?;
        let code: CountryCode = code.parse().map_err(|error: CountryCodeError| row.error(error.to_string()))?;
        let slot = slot(code);
        if self.by_code[slot] != NO_COUNTRY {
            return Err(row.error(format!("duplicate country {code}")));
        }
        if self.countries.len() == COUNTRIES_MAX {
            return Err(row.error(format!("more than {COUNTRIES_MAX} countries")));
        }
        self.by_code[slot] = self.countries.len() as CountryIndex;
        let m49 = m49.split(' ').map(str::to_owned).collect();
        self.countries.push(Country { code, name: name.to_owned(), m49, neighbours: Vec::new() });
        Ok(())
    }

    /// The country of a code, or the error that names the row.
    pub(super) fn find(&self, row: &Row<'_>, code: &str) -> Result<CountryIndex, DataError> {
        self.index(code).ok_or_else(|| row.error(format!("unknown country code {code:?}")))
    }

    /// The country of a code.
    pub(super) fn index(&self, code: &str) -> Option<CountryIndex> {
        let code = code.parse().ok()?;
        Some(self.by_code[slot(code)]).filter(|&index| index != NO_COUNTRY)
    }

    /// The country at an index that is not [`NO_COUNTRY`].
    pub(super) fn get(&self, index: CountryIndex) -> &Country {
        &self.countries[index as usize]
    }
}

/// Place of a code among all pairs of letters.
fn slot(code: CountryCode) -> usize {
    let place = |letter: u8| usize::from(letter - b'A');
    let [first, second] = code.letters();
    26 * place(first) + place(second)
}
