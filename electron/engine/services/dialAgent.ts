import { Agent, type AgentOptions, type ClientRequestArgs } from 'node:http';
import type { Duplex } from 'node:stream';

/** Connects to where the requests of an agent go. */
export type Dial = () => Promise<Duplex>;

/** Gives HTTP its connections, whatever address it asks for. */
export class DialAgent extends Agent {
  constructor(
    private readonly dial: Dial,
    options: AgentOptions = {},
  ) {
    super(options);
  }

  override createConnection(
    _options: ClientRequestArgs,
    done?: (error: Error | null, connection: Duplex) => void,
  ): Duplex | null | undefined {
    this.dial().then(
      (connection) => {
        // A service that has ended its side takes no more requests.
        connection.allowHalfOpen = false;
        connection.once('end', () => connection.emit('agentRemove'));
        done?.(null, connection);
      },
      // Its type has no failure without a connection; Node looks at the error first.
      (thrown: Error) => done?.(thrown, null as never),
    );
    return undefined;
  }
}
