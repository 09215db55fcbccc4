import { SandglassError } from '#shared/errors';
import type { RegistryLogin } from '../docker';
import { dockerLogin } from './dockerLogins';
import { registryHost, registryOfImage } from './imageRegistry';
import type { Registries } from './registries';

/** What a caller says about the login for a pull; at most one of the two kinds. */
export interface LoginChoice {
  registryId?: string;
  registryUrl?: string;
  registryUsername?: string;
  registryPassword?: string;
}

/** Finds the login for an image. */
export class Credentials {
  constructor(
    private readonly registries: Registries,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  /**
   * The login that was chosen; else the registered one or docker's own for that registry; else none.
   *
   * @throws SandglassError `not_found` (the registry); `invalid_input` when the login is for another
   * registry than the image's: a password is sent to nobody else
   */
  async forImage(image: string, choice: LoginChoice): Promise<RegistryLogin | null> {
    const host = registryOfImage(image);
    const { registryId, registryUrl, registryUsername, registryPassword } = choice;
    if (registryId !== undefined) {
      return requireSame(this.registries.login(registryId), host, image, 'registryId');
    }
    if (registryUsername !== undefined && registryPassword !== undefined) {
      const server = registryUrl ?? host;
      const login = { server, username: registryUsername, password: registryPassword };
      return requireSame(login, host, image, 'registryUrl');
    }
    const registered = this.registries.list().find(({ url }) => registryHost(url) === host);
    return registered ? this.registries.login(registered.id) : await dockerLogin(host, this.env);
  }
}

function requireSame(
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
