//! The labelled sentences that clusters and the tagger are trained on.

use std::path::Path;

use innerworld_language::{
    asset::Source,
    train::{Tagged, read_labelled, read_tagged},
};

use super::{
    data::{self, Known},
    emotion,
};

/// Noisy text with six kinds of names.
pub(crate) const WNUT: Known = (
    "wnut17/train.conll",
    "731820e13f71af324c6b55a1575ec2ce59fbaa2a0806f8f0400b98d56cd6a7a5",
);

/// Tweets, part a.
pub(crate) const BTC_A: Known = (
    "btc/a.conll",
    "ac824cc13c88283fe3cca05343e46c79ec4cd5b174429f27bf8fe0ebdc1bbf33",
);
/// Tweets, part b.
pub(crate) const BTC_B: Known = (
    "btc/b.conll",
    "504a094a0398e03fd7b394510e313b8fc844407102252182d90aea23f53cc322",
);
/// Tweets, part e.
pub(crate) const BTC_E: Known = (
    "btc/e.conll",
    "77aca745cdc28ae0fafbcf36a93ccfd15357a8db97c21d91083592dd85e348c5",
);
/// Tweets, part f.
pub(crate) const BTC_F: Known = (
    "btc/f.conll",
    "3bd2387dfc98ebc9d8b77d8b9c59826262e9beadce71ce8edde272821b9c87c8",
);
/// Tweets, part g.
pub(crate) const BTC_G: Known = (
    "btc/g.conll",
    "d53a27645cabc4e63313d573498b48b0cc5ed780d280edfbdc4fedefe23479da",
);
/// Tweets, part h.
pub(crate) const BTC_H: Known = (
    "btc/h.conll",
    "7f31215a79f3131526236203907c8d003b8e0f8ee6eef2a216ebb685340ebe39",
);
/// Tweets with people, places and organisations.
const BTC: [Known; 6] = [BTC_A, BTC_B, BTC_E, BTC_F, BTC_G, BTC_H];

/// Sentences of five subjects with many kinds of names.
const CROSSNER: [Known; 15] = [
    (
        "crossner/ai/train.txt",
        "484217a660f52927bd5157507c22fc103b36306364329f62f80fc8acb897b187",
    ),
    (
        "crossner/ai/dev.txt",
        "b47ffda6de5901a454a873feac1bebe782e54ce7edf9deb729cab3d769212eee",
    ),
    (
        "crossner/ai/test.txt",
        "7595ad386e0a98067100fe47f86811b38867a236011fee97cfaa90f778c37bcf",
    ),
    (
        "crossner/literature/train.txt",
        "0647e403a85040742c2f4041cf002146a81aa2e13adda19d0e82a8bcd493c18b",
    ),
    (
        "crossner/literature/dev.txt",
        "99281a51943cf7e3c2a58b3dc45c0e5ab6d329624ebf2ba6b4801c428396162f",
    ),
    (
        "crossner/literature/test.txt",
        "77267f8b3e8afe993865c64cfc605f65671f6a0ac9cba65de970f12180fed20e",
    ),
    (
        "crossner/music/train.txt",
        "3774c38e0ebbeb4b98dbfae137071e4911e8764cdb7f247599009841f68d9fb5",
    ),
    (
        "crossner/music/dev.txt",
        "e256f1949df52a61a3bb60095a0f41c1060843f1014b0f3d22d8371611b72e78",
    ),
    (
        "crossner/music/test.txt",
        "c66e345f959ac65593f76c6b1bd8c6d75f2a6f0bc197389b2e6700d101fd094c",
    ),
    (
        "crossner/politics/train.txt",
        "1d8be31abb58463349496fe21b13d70114cf015294a9ff9cce77af9b83e8aa84",
    ),
    (
        "crossner/politics/dev.txt",
        "4f1f30eb832f4c5fe474f67ca45e875d863bddf0bbe432262d272ef13639fa8f",
    ),
    (
        "crossner/politics/test.txt",
        "05cadc5e129d394f7f92b4a052cf4b6ea4c60878d32a833e500cf046c297455f",
    ),
    (
        "crossner/science/train.txt",
        "8f6a26096cc7be6790b5790bf5f5b5c8928d8b73d4632e7d45dc8bffad0504ac",
    ),
    (
        "crossner/science/dev.txt",
        "87ec141c7b41b3b52ec861737c4030d65c6e53954ed3d8106baca8603bbf8f24",
    ),
    (
        "crossner/science/test.txt",
        "3616d59d4d2b9dbf4c1126f8d8ba47ff97886223c95f93649bfd527343e64ced",
    ),
];

/// The sets, apart from each other.
#[derive(Debug)]
pub(super) struct Sentences {
    /// With all labels.
    pub(super) wnut: Vec<Tagged>,
    /// With labels that leave kinds open.
    pub(super) btc: Vec<Tagged>,
    /// Likewise.
    pub(super) crossner: Vec<Tagged>,
}

impl Sentences {
    /// Reads them from the folder `data`.
    pub(super) fn read(data: &Path) -> anyhow::Result<Self> {
        let read = |files: &[Known]| -> anyhow::Result<Vec<Tagged>> {
            let mut all = Vec::new();
            for file in files {
                all.extend(read_tagged(&data::read(data, *file)?)?);
            }
            Ok(all)
        };
        let btc = read(&BTC)?;
        Ok(Self {
            wnut: read(&[WNUT])?,
            btc: btc.into_iter().map(Tagged::with_handles_joined).collect(),
            crossner: read(&CROSSNER)?,
        })
    }

    /// All of them.
    pub(super) fn all(&self) -> impl Iterator<Item = &Tagged> + Clone {
        self.wnut.iter().chain(&self.btc).chain(&self.crossner)
    }
}

/// The words of all sentences and of unlabelled comments, as clusters count them.
pub(super) fn lower_cased(data: &Path, sentences: &Sentences) -> anyhow::Result<Vec<Vec<String>>> {
    let mut words: Vec<Vec<String>> = sentences.all().map(Tagged::listed).collect();
    for text in read_labelled(&data::read(data, emotion::TRAIN)?)? {
        let tokens = innerworld_language::tokenize::tokenize(&text.text);
        let tagged = Tagged {
            words: tokens.iter().map(|token| token.raw.to_owned()).collect(),
            labels: Vec::new(),
        };
        words.push(tagged.listed());
    }
    Ok(words)
}

/// Where the sentences come from.
pub(super) fn sources() -> Vec<Source> {
    let source = |name: &str, authors: &str, licence: &str, link: &str, files: &[Known]| Source {
        name: name.to_owned(),
        authors: authors.to_owned(),
        licence: licence.to_owned(),
        link: link.to_owned(),
        sha256: data::hashes(files),
    };
    vec![
        source(
            "WNUT-17, training part",
            "Derczynski, Nichols, van Erp, Limsopatham (2017)",
            "CC-BY-4.0",
            "https://github.com/leondz/emerging_entities_17",
            &[WNUT],
        ),
        source(
            "Broad Twitter Corpus",
            "Derczynski, Bontcheva, Roberts (2016)",
            "CC-BY-4.0",
            "https://github.com/GateNLP/broad_twitter_corpus",
            &BTC,
        ),
        source(
            "CrossNER, five domains (text of Wikipedia, CC BY-SA)",
            "Liu, Xu, Yu, Dai, Ji, Cahyawijaya, Madotto, Fung (2020)",
            "MIT",
            "https://github.com/zliucr/CrossNER",
            &CROSSNER,
        ),
    ]
}
