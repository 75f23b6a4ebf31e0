//! What reads texts: the same for every server of a test run, since it takes long to unpack.

use std::sync::{Arc, OnceLock};

use innerworld_language::{
    LocalExtractor, embed::StaticEncoder, safety::RiskScreen, thesaurus::ShippedThesaurus,
};

/// The models of a server.
pub(super) struct Texts {
    pub(super) encoder: Arc<StaticEncoder>,
    pub(super) extractor: Arc<LocalExtractor>,
    pub(super) thesaurus: Arc<ShippedThesaurus>,
    pub(super) screen: Arc<RiskScreen>,
}

/// Those in the program.
pub(super) fn shipped() -> &'static Texts {
    static TEXTS: OnceLock<Texts> = OnceLock::new();
    TEXTS.get_or_init(|| {
        let encoder = Arc::new(StaticEncoder::shipped().unwrap());
        Texts {
            extractor: Arc::new(LocalExtractor::new(Arc::clone(&encoder)).unwrap()),
            encoder,
            thesaurus: Arc::new(ShippedThesaurus::shipped().unwrap()),
            screen: Arc::new(RiskScreen::shipped().unwrap()),
        }
    })
}
