import { SandglassError } from '#shared/errors';
import type { RegistryLogin } from '../docker';
import { dockerLogin } from './dockerLogins';
import { registryHost, registryOfImage } from './imageRegistry';
import type { Registries } from './registries';

/** Login for a pull: the id of a registered registry, or a username and a password. */
export interface LoginChoice {
  registryId?: string;
  registryUrl?: string;
  registryUsername?: string;
  registryPassword?: string;
}

/** Finds the registry login for an image. */
export class Credentials {
  constructor(
    private readonly registries: Registries,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  /**
   * Returns the chosen login, else the registered one, else the docker CLI's; null if there is none.
   *
   * @throws SandglassError `not_found` (the registry); `invalid_input` if the login is for another
   * registry: a password is sent to its own registry only
   */
  async forImage(image: string, choice: LoginChoice): Promise<RegistryLogin | null> {
    const host = registryOfImage(image);
    const { registryId, registryUrl, registryUsername, registryPassword } = choice;
    if (registryId !== undefined) {
      return requireSameRegistry(this.registries.login(registryId), host, image, 'registryId');
    }
    if (registryUsername !== undefined && registryPassword !== undefined) {
      const server = registryUrl ?? host;
      const login = { server, username: registryUsername, password: registryPassword };
      return requireSameRegistry(login, host, image, 'registryUrl');
    }
    const registered = this.registries.list().find(({ url }) => registryHost(url) === host);
    return registered ? this.registries.login(registered.id) : await dockerLogin(host, this.env);
  }
}

function requireSameRegistry(
  login: RegistryLogin,
  host: string,
  image: string,
  field: string,
): RegistryLogin {
  const given = registryHost(login.server);
  if (given === host) return login;
  throw new SandglassError(
    'invalid_input',
    `The login is for ${given}, but the image ${image} comes from ${host}.`,
    { field, hint: `Name the image with its registry, e.g. "${given}/${image}".` },
  );
}
