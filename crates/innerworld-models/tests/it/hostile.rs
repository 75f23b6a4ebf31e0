//! The hostile list of models.md 3: each point is at least one test here, named after it. H2 and
//! H4 have more in `sse`, H17's prefix rule in `prompt`.

mod after_the_first_word;
mod answers;
mod connections;
mod metering;
mod refusals;
