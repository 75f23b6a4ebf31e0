//! The container of trained weights: whatever bytes come, an error and never a panic.

use std::{collections::BTreeMap, sync::Arc};

use innerworld_language::{
    asset::{self, Asset, Header, InvalidAsset},
    embed::StaticEncoder,
    emotion::EmotionModel,
    safety::Scorer,
    tagger::Tagger,
    thesaurus::ShippedThesaurus,
};
use proptest::prelude::*;
use serde_json::Value;

fn header() -> Header {
    Header {
        name: "tagger".to_owned(),
        format: 3,
        sha256: String::new(),
        bytes: 0,
        trainer: 1,
        sources: Vec::new(),
        settings: BTreeMap::from([("step".to_owned(), "0.03".to_owned())]),
        figures: BTreeMap::new(),
    }
}

fn file() -> Vec<u8> {
    let payload: Vec<u8> = (0..20_000_u32)
        .flat_map(|n| (n / 7).to_le_bytes())
        .collect();
    asset::write(header(), &payload).unwrap()
}

#[test]
fn what_was_written_is_read() {
    let bytes = file();
    let asset = Asset::read(&bytes, "tagger", 3).unwrap();
    assert_eq!(asset.payload.len(), 80_000);
    assert_eq!(asset.header.bytes, 80_000);
    assert_eq!(asset.header.version().len(), 12);
    assert_eq!(bytes, file(), "the same bytes each time");
}

#[test]
fn an_asset_of_another_part_or_form_is_named() {
    let bytes = file();
    let error = Asset::read(&bytes, "emotion", 3).unwrap_err();
    assert_eq!(error.to_string(), "this is the asset tagger, not emotion");
    let error = Asset::read(&bytes, "tagger", 4).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the asset tagger has format 3, this program reads 4"
    );
}

#[test]
fn a_header_that_promises_another_length_is_not_believed() {
    let bytes = file();
    for promise in ["1", "79999", "80001", "99999999999999"] {
        let text = bytes.windows(5).position(|five| five == b"80000").unwrap();
        let mut changed = bytes.clone();
        changed.splice(text..text + 5, promise.bytes());
        let length = u32::from_le_bytes(bytes[8..12].try_into().unwrap()) as usize;
        let length = u32::try_from(length + promise.len() - 5).unwrap();
        changed.splice(8..12, length.to_le_bytes());
        let error = Asset::read(&changed, "tagger", 3).unwrap_err();
        assert!(matches!(error, InvalidAsset::Packed { .. }), "{error}");
    }
}

#[test]
fn t17_a_file_that_is_cut_anywhere_is_refused() {
    let bytes = file();
    for end in (0..bytes.len()).step_by(bytes.len() / 300 + 1) {
        assert!(Asset::read(&bytes[..end], "tagger", 3).is_err(), "{end}");
    }
}

/// What the packer writes around the payload is checked as well as the payload.
#[test]
fn t17_a_change_at_either_end_of_the_packed_part_is_noticed() {
    let bytes = file();
    let header = u32::from_le_bytes(bytes[8..12].try_into().unwrap()) as usize;
    let packed = 12 + header..bytes.len();
    let ends = packed.clone().take(24).chain(packed.rev().take(24));
    for (place, bit) in ends.flat_map(|place| (0..8).map(move |bit| (place, bit))) {
        let mut changed = bytes.clone();
        changed[place] ^= 1 << bit;
        assert!(
            Asset::read(&changed, "tagger", 3).is_err(),
            "byte {place}, bit {bit}"
        );
    }
    let mut longer = bytes;
    longer.push(0);
    assert!(Asset::read(&longer, "tagger", 3).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn t17_a_changed_byte_is_noticed(place in any::<prop::sample::Index>(), flip in 1_u8..) {
        let mut bytes = file();
        let whole = Asset::read(&bytes, "tagger", 3).unwrap();
        let header = u32::from_le_bytes(bytes[8..12].try_into().unwrap()) as usize;
        let place = place.index(bytes.len());
        bytes[place] ^= flip;
        if let Ok(asset) = Asset::read(&bytes, "tagger", 3) {
            // Settings and credits of the header do not change what is read.
            prop_assert_eq!(&asset.payload, &whole.payload);
            prop_assert!((12..12 + header).contains(&place), "byte {}", place);
        }
    }

    #[test]
    fn any_bytes_may_be_given(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(Asset::read(&bytes, "tagger", 3).is_err());
        let mut named = b"IWASSET1".to_vec();
        named.extend(&bytes);
        prop_assert!(Asset::read(&named, "tagger", 3).is_err());
    }
}

#[test]
fn what_the_program_carries_is_whole_small_and_credited() {
    let shipped = asset::shipped().unwrap();
    assert!(!shipped.is_empty());
    for asset in &shipped {
        assert!(!asset.header.sources.is_empty());
        let credited = |text: &String| !text.is_empty();
        for source in &asset.header.sources {
            assert!(
                [&source.authors, &source.licence, &source.link]
                    .into_iter()
                    .all(credited)
            );
            assert!(!source.sha256.is_empty());
        }
    }
    let packed: usize = shipped.iter().map(|asset| asset.packed).sum();
    assert!(packed <= 21 * 1024 * 1024, "{packed} bytes");
}

/// Bytes of an asset as it lies in the repository.
fn shipped(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/assets");
    std::fs::read(format!("{folder}/{name}.iwa")).unwrap()
}

/// Every asset of the repository.
fn names() -> Vec<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/assets");
    let files = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path());
    let assets = files.filter(|path| path.extension().is_some_and(|ending| ending == "iwa"));
    let mut names: Vec<String> = assets
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

/// Where the packed payload begins.
#[expect(
    clippy::indexing_slicing,
    reason = "a helper of a test may stop the test"
)]
fn payload_of(bytes: &[u8]) -> usize {
    12 + u32::from_le_bytes(bytes[8..12].try_into().unwrap()) as usize
}

/// What the reader of a part says of these bytes instead of its own.
#[expect(
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a helper of a test may stop the test"
)]
fn refusal(name: &str, bytes: &[u8]) -> String {
    let encoder = || Arc::new(StaticEncoder::shipped().unwrap());
    let all = ["clusters", "names", "tagger"].map(shipped);
    let tagger = |place: usize| {
        let mut parts: [&[u8]; 3] = std::array::from_fn(|part| all[part].as_slice());
        parts[place] = bytes;
        Tagger::read(encoder(), parts).map(drop)
    };
    let read = match name {
        "static" => StaticEncoder::read(bytes).map(drop),
        "emotion" => EmotionModel::read(bytes).map(drop),
        "safety" => Scorer::read(bytes).map(drop),
        "thesaurus" => ShippedThesaurus::read(bytes).map(drop),
        "clusters" => tagger(0),
        "names" => tagger(1),
        "tagger" => tagger(2),
        other => panic!("nobody reads the asset {other}"),
    };
    read.unwrap_err().to_string()
}

#[test]
fn t17_every_part_refuses_a_cut_or_foreign_asset_and_says_why() {
    let names = names();
    for (place, name) in names.iter().enumerate() {
        let own = shipped(name);
        assert_eq!(
            refusal(name, &own[..own.len() - 1]),
            format!("the payload of the asset {name} was changed")
        );
        assert_eq!(refusal(name, &own[..9]), "the asset is cut off");
        assert_eq!(refusal(name, &[]), "this is not an asset");
        let other = names[(place + 1) % names.len()].as_str();
        assert_eq!(
            refusal(name, &shipped(other)),
            format!("this is the asset {other}, not {name}")
        );
        let newer = of_format(&own, 99);
        let said = refusal(name, &newer);
        assert!(said.contains(name) && said.contains("format 99"), "{said}");
    }
}

/// The same asset with another format in its header.
#[expect(
    clippy::indexing_slicing,
    reason = "a helper of a test may stop the test"
)]
fn of_format(bytes: &[u8], format: u32) -> Vec<u8> {
    let length = u32::from_le_bytes(bytes[8..12].try_into().unwrap()) as usize;
    let mut header: Value = serde_json::from_slice(&bytes[12..12 + length]).unwrap();
    header["format"] = format.into();
    let header = serde_json::to_vec(&header).unwrap();
    let mut other = bytes[..8].to_vec();
    other.extend(u32::try_from(header.len()).unwrap().to_le_bytes());
    other.extend(header);
    other.extend(&bytes[12 + length..]);
    other
}

#[test]
fn t17_a_changed_byte_of_any_asset_is_refused_by_name() {
    let names = names();
    let carried = asset::shipped().unwrap();
    assert_eq!(names.len(), carried.len(), "{names:?}");
    for name in names {
        let own = shipped(&name);
        let begin = payload_of(&own);
        for place in [begin, begin.midpoint(own.len()), own.len() - 1] {
            let mut changed = own.clone();
            changed[place] ^= 0x20;
            assert_eq!(
                refusal(&name, &changed),
                format!("the payload of the asset {name} was changed"),
                "byte {place}"
            );
        }
    }
}

/// The hash is what stops it: where that was made to agree, the changed weights are read. So whoever
/// may write both is not stopped by it; that is what the repository's own history is for.
#[test]
fn t17_with_a_hash_that_agrees_the_changed_byte_gets_in() {
    let own = shipped("emotion");
    let asset = Asset::read(&own, "emotion", 1).unwrap();
    let mut payload = asset.payload.clone();
    let last = payload.last_mut().unwrap();
    *last = last.wrapping_add(1);
    let forged = asset::write(asset.header, &payload).unwrap();
    assert!(EmotionModel::read(&forged).is_ok());
    let read = Asset::read(&forged, "emotion", 1).unwrap();
    assert_ne!(read.payload, asset.payload);
}
