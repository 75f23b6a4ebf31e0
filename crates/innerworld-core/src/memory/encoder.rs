//! Port: what a text is about, as a direction in space.

use serde::{Deserialize, Serialize};

/// Greatest value of a stored component.
const STEPS: f32 = 127.0;

/// Port: text -> vector. Synchronous, local and pure: recall asks it while a teen waits.
///
/// # Contract
/// * The same text gives the same vector as long as `version` is the same.
/// * Every vector has `dimensions` components and length one; a text that says nothing to the
///   encoder gives zeros.
/// * Any text may be given; time is in proportion to its length.
pub trait Encoder: Send + Sync {
    /// Names the encoder and its weights: vectors of another version are not compared with its own.
    fn version(&self) -> &str;

    /// Components of a vector.
    fn dimensions(&self) -> usize;

    /// The vector of a text.
    fn encode(&self, text: &str) -> Vec<f32>;
}

/// A vector in one byte a component. Sums of such bytes are whole numbers, so that two machines
/// rank alike.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Vector {
    #[serde(with = "packed")]
    components: Box<[i8]>,
    scale: f32,
}

impl std::fmt::Debug for Vector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // A text can be guessed from its vector.
        write!(f, "Vector({} components)", self.components.len())
    }
}

impl Vector {
    /// Rounds every component to one of 255 steps between the greatest and its opposite.
    pub fn of(components: &[f32]) -> Self {
        let most = components
            .iter()
            .fold(0.0_f32, |most, component| most.max(component.abs()));
        if !(most.is_finite() && most > 0.0) {
            return Self {
                components: vec![0; components.len()].into(),
                scale: 0.0,
            };
        }
        Self {
            components: components
                .iter()
                .map(|component| step(component / most))
                .collect(),
            scale: most / STEPS,
        }
    }

    /// How many components it has.
    pub fn dimensions(&self) -> usize {
        self.components.len()
    }

    /// The scalar product; of two texts' vectors their cosine. Zero if they differ in dimension.
    pub fn dot(&self, other: &Self) -> f32 {
        if self.components.len() != other.components.len() {
            return 0.0;
        }
        whole_product(&self.components, &other.components) * self.scale * other.scale
    }

    /// The scalar product with steps that have no scale. Zero if they differ in dimension.
    pub fn product(&self, steps: &[i8]) -> f32 {
        if self.components.len() != steps.len() {
            return 0.0;
        }
        whole_product(&self.components, steps) * self.scale
    }

    /// Its components in steps.
    pub(super) fn steps(&self) -> &[i8] {
        &self.components
    }

    /// What a step is.
    pub(super) const fn scale(&self) -> f32 {
        self.scale
    }

    /// The vector of these steps.
    pub(super) fn of_steps(steps: &[i8], scale: f32) -> Self {
        Self {
            components: steps.into(),
            scale,
        }
    }
}

/// A turn's vector, and whose it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Encoded {
    /// Version of the encoder.
    pub encoder: String,
    /// What it made of the text.
    pub vector: Vector,
}

impl Encoded {
    /// What `encoder` makes of `text`.
    pub fn of(text: &str, encoder: &dyn Encoder) -> Self {
        Self {
            encoder: encoder.version().to_owned(),
            vector: Vector::of(&encoder.encode(text)),
        }
    }

    /// Its vector, if `encoder` made it.
    pub fn made_by(self, encoder: &dyn Encoder) -> Option<Vector> {
        let same =
            self.encoder == encoder.version() && self.vector.dimensions() == encoder.dimensions();
        same.then_some(self.vector)
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a sum of a thousand products of bytes is below 2^24"
)]
pub(super) fn whole_product(one: &[i8], other: &[i8]) -> f32 {
    let products = one.iter().zip(other);
    let sum: i32 = products
        .map(|(a, b)| i32::from(i16::from(*a) * i16::from(*b)))
        .sum();
    sum as f32
}

/// A share from -1 to 1 in steps.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a share of at most one gives at most 127 steps"
)]
fn step(share: f32) -> i8 {
    (share * STEPS).round() as i8
}

/// Components as a string of bytes, not as a list of numbers.
mod packed {
    use serde::{Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(
        components: &[i8],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let bytes: Vec<u8> = components.iter().map(|step| step.cast_unsigned()).collect();
        serializer.serialize_bytes(&bytes)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Box<[i8]>, D::Error> {
        struct Bytes;
        impl<'de> de::Visitor<'de> for Bytes {
            type Value = Box<[i8]>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("the bytes of a vector")
            }

            fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Self::Value, E> {
                Ok(bytes.iter().map(|byte| byte.cast_signed()).collect())
            }

            fn visit_seq<A: de::SeqAccess<'de>>(
                self,
                mut bytes: A,
            ) -> Result<Self::Value, A::Error> {
                let mut components = Vec::new();
                while let Some(byte) = bytes.next_element::<u8>()? {
                    components.push(byte.cast_signed());
                }
                Ok(components.into())
            }
        }
        deserializer.deserialize_bytes(Bytes)
    }
}
