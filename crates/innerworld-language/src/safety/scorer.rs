//! A linear model that tells how much a message sounds as if somebody were in danger. It only asks
//! for a second look: alone it never interrupts anybody.
//!
//! Logistic regression over hashed words and letters (see [`Features`]), trained on invented messages
//! against ordinary ones (`cargo xtask train safety`).

use innerworld_core::safety::screen::Category;

use super::features::{BUCKETS, Features};
use crate::{
    asset::{Bytes, Packed, Short},
    load_error::LoadError,
};

/// The name of the asset.
pub(crate) const NAME: &str = "safety";
/// The form of its payload.
pub(crate) const FORMAT: u32 = 1;
/// Buckets of each part that names a category.
pub(crate) const NAMED: usize = 1 << 15;
/// The asset inside the program.
pub(crate) const SHIPPED: &[u8] = include_bytes!("../../assets/safety.iwa");

/// From which log-odds something follows. Each is the least that fires on no more than a share of
/// ordinary messages; the shares are in the asset's header.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Thresholds {
    /// A second look.
    pub escalate: f32,
    /// A question, where no model looks a second time.
    pub ask: f32,
    /// A second look in the days after a crisis.
    pub watchful: f32,
    /// A question, for the sum of [`Thresholds::excess`] over the last six messages.
    pub window: f32,
}

impl Thresholds {
    /// How far a message is above the lowest threshold; 0 below it. Most messages have none.
    pub fn excess(&self, odds: f32) -> f32 {
        (odds - self.watchful).max(0.0)
    }

    /// As they stand before the weights.
    #[cfg(feature = "train")]
    pub(crate) fn bytes(self) -> Vec<u8> {
        let all = [self.escalate, self.ask, self.watchful, self.window];
        all.into_iter().flat_map(f32::to_le_bytes).collect()
    }
}

/// The model.
#[derive(Clone, Debug)]
pub struct Scorer {
    version: String,
    header: String,
    risk: Weights,
    /// By category, in the order of [`Category::ALL`].
    named: Vec<Weights>,
    thresholds: Thresholds,
}

/// A bias and a weight by bucket, as steps of one size.
#[derive(Clone, Debug)]
struct Weights {
    bias: f32,
    step: f32,
    steps: Vec<i8>,
}

impl Scorer {
    /// The model inside the program.
    ///
    /// # Errors
    /// [`LoadError`] if the program was built with damaged parts.
    pub fn shipped() -> Result<Self, LoadError> {
        Self::read(SHIPPED)
    }

    /// Reads the asset.
    ///
    /// # Errors
    /// [`LoadError`] if it is damaged or another one.
    pub fn read(bytes: &[u8]) -> Result<Self, LoadError> {
        let asset = Packed::read(bytes, NAME, FORMAT)?;
        let version = asset.header.version().to_owned();
        let scorer = Self::of_payload(version, asset.unpack()?);
        let scorer = scorer.map_err(|_short| asset.invalid("a list has another length"))?;
        let header = serde_json::to_string(&asset.header);
        Ok(Self {
            header: header.map_err(|_error| asset.invalid("its header cannot be written"))?,
            ..scorer
        })
    }

    fn of_payload(version: String, mut bytes: Bytes<'_>) -> Result<Self, Short> {
        let thresholds = Thresholds {
            escalate: bytes.f32()?,
            ask: bytes.f32()?,
            watchful: bytes.f32()?,
            window: bytes.f32()?,
        };
        Self::of_lists(version, thresholds, bytes)
    }

    fn of_lists(
        version: String,
        thresholds: Thresholds,
        mut bytes: Bytes<'_>,
    ) -> Result<Self, Short> {
        let risk = Weights::read(&mut bytes, BUCKETS)?;
        let named = Category::ALL
            .iter()
            .map(|_| Weights::read(&mut bytes, NAMED));
        let named = named.collect::<Result<_, _>>()?;
        bytes.end()?;
        Ok(Self {
            version,
            header: String::new(),
            risk,
            named,
            thresholds,
        })
    }

    /// Weights whose thresholds are yet to be chosen: nothing follows from any odds.
    #[cfg(feature = "train")]
    pub(crate) fn of_weights(payload: &[u8]) -> Result<Self, Short> {
        let never = Thresholds {
            escalate: f32::INFINITY,
            ask: f32::INFINITY,
            watchful: f32::INFINITY,
            window: f32::INFINITY,
        };
        Self::of_lists(String::new(), never, Bytes::new(payload, payload.len()))
    }

    /// The same with other thresholds.
    #[cfg(feature = "train")]
    pub(crate) fn with(self, thresholds: Thresholds) -> Self {
        Self { thresholds, ..self }
    }

    /// Log-odds that a message, in plain letters and full words, says that somebody may be in danger.
    /// They are odds among the messages it was trained on, where danger is frequent.
    pub fn odds(&self, plain: &str) -> f32 {
        let features = Features::of(plain);
        self.risk.sum(&features, BUCKETS)
    }

    /// What a message is about, if it is about danger at all.
    pub fn category(&self, plain: &str) -> Category {
        let features = Features::of(plain);
        let odds = self
            .named
            .iter()
            .map(|weights| weights.sum(&features, NAMED));
        let named = Category::ALL.into_iter().zip(odds);
        let likeliest = named.max_by(|a, b| a.1.total_cmp(&b.1));
        likeliest.map_or(Category::Ideation, |(category, _odds)| category)
    }

    /// From which odds something follows.
    pub const fn thresholds(&self) -> &Thresholds {
        &self.thresholds
    }

    /// What the weights were made from and what they scored, as JSON; it holds their hash.
    pub fn header(&self) -> &str {
        &self.header
    }

    /// The content version of its weights.
    pub fn version(&self) -> &str {
        &self.version
    }
}

/// Log-odds as a probability, 0 to 1.
pub fn probability(odds: f32) -> f32 {
    1.0 / (1.0 + libm::expf(-odds))
}

impl Weights {
    fn read(bytes: &mut Bytes<'_>, buckets: usize) -> Result<Self, Short> {
        Ok(Self {
            bias: bytes.f32()?,
            step: bytes.f32()?,
            steps: bytes.int8s(buckets)?,
        })
    }

    /// Buckets beyond `buckets` are folded into them.
    fn sum(&self, features: &Features, buckets: usize) -> f32 {
        let weight = |bucket: u32| self.steps.get(folded(bucket, buckets) as usize).copied();
        let sum = features.weighed(|bucket| weight(bucket).unwrap_or_default());
        sum.mul_add(self.step, self.bias)
    }
}

/// The bucket among fewer.
#[expect(
    clippy::cast_possible_truncation,
    reason = "there are fewer than 2^19 buckets"
)]
pub(crate) const fn folded(bucket: u32, buckets: usize) -> u32 {
    bucket % buckets as u32
}
