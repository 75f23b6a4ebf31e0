//! The two functions inside of the graph's network: one writes what waits, one reads for the others.

pub mod reader;
pub mod writer;

use std::sync::Arc;

use innerworld_aws::{
    Aws, SdkConfig, TableNames,
    neptune::{cluster::Cluster, graph::NeptuneGraph},
};
use innerworld_core::ids::IdSource;

use crate::{start, system::RandomIds};

/// The graph, and the tables beside it. Neither function opens anything sealed.
fn open(
    config: &SdkConfig,
    tables: TableNames,
    cluster: &Cluster,
) -> anyhow::Result<(Aws, NeptuneGraph)> {
    let ids: Arc<dyn IdSource> = Arc::new(RandomIds);
    let graph = NeptuneGraph::of_cluster(cluster, config, &start::clock(), &ids)?;
    Ok((start::stores(config, tables, String::new()), graph))
}
