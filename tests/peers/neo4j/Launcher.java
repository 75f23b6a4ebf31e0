import java.nio.file.Path;
import org.neo4j.configuration.GraphDatabaseSettings;
import org.neo4j.configuration.connectors.BoltConnector;
import org.neo4j.configuration.connectors.HttpConnector;
import org.neo4j.configuration.helpers.SocketAddress;
import org.neo4j.harness.Neo4jBuilders;

/**
 * Starts Neo4j in a folder of its own, with nothing but its HTTP API on a port of 127.0.0.1, and
 * prints the address. It ends when it is killed.
 */
class Launcher {
    public static void main(String[] arguments) throws InterruptedException {
        var folder = Path.of(arguments[0]);
        var address = new SocketAddress("127.0.0.1", Integer.parseInt(arguments[1]));
        var neo4j = Neo4jBuilders.newInProcessBuilder(folder)
                .withConfig(HttpConnector.enabled, true)
                .withConfig(HttpConnector.listen_address, address)
                .withConfig(BoltConnector.enabled, false)
                .withConfig(GraphDatabaseSettings.pagecache_memory, 64L << 20)
                .build();
        System.out.println(neo4j.httpURI());
        Thread.currentThread().join();
    }
}
