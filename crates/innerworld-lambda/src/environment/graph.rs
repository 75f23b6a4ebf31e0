//! The two functions inside of the graph's network.

use innerworld_aws::{
    Table, TableNames,
    neptune::cluster::{Address, Cluster},
};

use super::{Common, Environment, Variables, tables::tables};
use crate::map::variable;

/// Environment of `graph-writer`.
#[derive(Clone, Debug)]
pub struct GraphWriter {
    /// What every function is told.
    pub common: Common,
    /// Names of `teens` and `memory`; the others are not known.
    pub tables: TableNames,
    /// Where the graph is.
    pub cluster: Cluster,
}

impl Environment for GraphWriter {
    const FUNCTION: &'static str = "graph-writer";

    fn read(variables: &mut Variables) -> Option<Self> {
        let common = Common::read(variables);
        let tables = tables(variables, &[Table::Teens, Table::Memory]);
        let cluster = cluster(variables);
        Some(Self {
            common: common?,
            tables: tables?,
            cluster: cluster?,
        })
    }

    fn common(&self) -> &Common {
        &self.common
    }
}

/// Environment of `graph-reader`.
#[derive(Clone, Debug)]
pub struct GraphReader {
    /// What every function is told.
    pub common: Common,
    /// Names of `teens`, `memory` and `session-context`; the others are not known.
    pub tables: TableNames,
    /// Where the graph is.
    pub cluster: Cluster,
}

impl Environment for GraphReader {
    const FUNCTION: &'static str = "graph-reader";

    fn read(variables: &mut Variables) -> Option<Self> {
        let common = Common::read(variables);
        let tables = tables(
            variables,
            &[Table::Teens, Table::Memory, Table::SessionContext],
        );
        let cluster = cluster(variables);
        Some(Self {
            common: common?,
            tables: tables?,
            cluster: cluster?,
        })
    }

    fn common(&self) -> &Common {
        &self.common
    }
}

/// Why an address is none.
const NO_ADDRESS: &str = "must be a host name, with or without a port";

fn cluster(variables: &mut Variables) -> Option<Cluster> {
    let writer = variables.text(variable::NEPTUNE_ENDPOINT);
    let readers = variables.text(variable::NEPTUNE_READER_ENDPOINT);
    let port = variables.text(variable::NEPTUNE_PORT);
    let signed = variables.flag(variable::NEPTUNE_IAM_AUTH);
    if signed == Some(false) {
        let always: Result<(), _> = Err("must be true: every request is signed");
        variables.valid(variable::NEPTUNE_IAM_AUTH, always);
    }
    let port = port.and_then(|port| {
        let number = port.parse::<u16>().map_err(|_shows| "must be a number");
        variables.valid(variable::NEPTUNE_PORT, number)
    });
    let ca_file = variables.optional(variable::NEPTUNE_CA_FILE);
    let (writer, readers, port) = (writer?, readers?, port?);
    let writer = Address::parse(&writer, port).ok_or(NO_ADDRESS);
    let writer = variables.valid(variable::NEPTUNE_ENDPOINT, writer);
    let readers = Address::parse(&readers, port).ok_or(NO_ADDRESS);
    let readers = variables.valid(variable::NEPTUNE_READER_ENDPOINT, readers);
    Some(Cluster {
        writer: writer?,
        readers: readers?,
        ca_file: ca_file.map(Into::into),
    })
}
