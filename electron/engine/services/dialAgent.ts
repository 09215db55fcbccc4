import { Agent, type AgentOptions, type ClientRequestArgs } from 'node:http';
import type { Duplex } from 'node:stream';

/** Opens a connection for an agent's requests. */
export type Dial = () => Promise<Duplex>;

/** HTTP agent whose connections come from `dial`, whatever the requested address. */
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
        // A half-closed connection takes no further requests.
        connection.allowHalfOpen = false;
        connection.once('end', () => connection.emit('agentRemove'));
        done?.(null, connection);
      },
      // The type requires a connection, but Node checks the error first.
      (thrown: Error) => done?.(thrown, null as never),
    );
    return undefined;
  }
}
