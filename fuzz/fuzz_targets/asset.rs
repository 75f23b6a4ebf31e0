//! Assets: any bytes are the asset or a plain error, never more memory than the bytes promise.
#![no_main]

use innerworld_language::{
    asset::Asset, embed::StaticEncoder, emotion::EmotionModel, thesaurus::ShippedThesaurus,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = Asset::read(bytes, "emotion", 1);
    let _ = EmotionModel::read(bytes);
    let _ = StaticEncoder::read(bytes);
    let _ = ShippedThesaurus::read(bytes);
});
