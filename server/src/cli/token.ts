import type { Rights } from '../access/claims.js';
import { signJwt } from '../access/jwt.js';
import { readSecret } from '../access/tokens.js';
import { decimal, file, list, text, toggle, whole, type Values } from '../config/option.js';
import { UsageError } from '../errors.js';
import { defineCommand } from './command.js';

const OPTIONS = {
  authSecretFile: file({ help: 'the secret of the server', default: '' }),
  authAudience: text({ value: 'NAME', help: 'the claim aud, as the server has it', default: 'underpaint' }),
  subject: text({ value: 'NAME', help: 'whose token it is', default: '' }),
  expires: whole({ value: 'SECONDS', help: 'time to connect with it', min: 1, max: 31_536_000, default: 60 }),
  session: whole({
    value: 'SECONDS',
    help: 'longest time of a session',
    min: 1,
    max: 1_209_600,
    default: undefined,
    defaultText: 'no limit',
  }),
  watch: toggle({ help: 'allows only to watch in rooms', default: false }),
  make: toggle({ help: 'does not allow to make rooms', default: true }),
  rooms: list({ help: 'ids of the rooms that may be entered', default: [], defaultText: 'all' }, (written) => written),
  fps: decimal({ help: 'most frames a second', min: 0.1, max: 1_000, default: undefined, defaultText: 'no limit' }),
  sessions: whole({ help: 'most sessions at once', min: 1, max: 100_000, default: undefined, defaultText: 'no limit' }),
  weight: decimal({ help: 'share of the device beside others', min: 0.01, max: 100, default: 1 }),
  operator: toggle({ help: 'allows to end the sessions and rooms of others', default: false }),
};

/** `underpaint token`: makes a token that is signed with the secret of the server. */
export const token = defineCommand({
  name: 'token',
  about: 'Prints a token for a client, signed with the secret of the server.',
  options: OPTIONS,
  async run(values, { print }) {
    const { authSecretFile, authAudience, subject, expires } = values;
    if (authSecretFile === '') throw new UsageError('--auth-secret-file is missing: give the file of the server');
    if (subject === '') throw new UsageError('--subject is missing: say whose token it is');
    const claims = { sub: subject, aud: authAudience, underpaint: rightsOf(values) };
    print(await signJwt(claims, readSecret(authSecretFile), expires));
    return 0;
  },
});

/** Leaves out everything that is not restricted. */
function rightsOf({ session, watch, make, rooms, fps, sessions, weight, operator }: Values<typeof OPTIONS>): Rights {
  return {
    ...(session !== undefined && { session }),
    ...(watch && { can: 'watch' as const }),
    ...(!make && { make }),
    ...(rooms.length > 0 && { rooms: [...rooms] }),
    ...(fps !== undefined && { fps }),
    ...(sessions !== undefined && { sessions }),
    ...(weight !== 1 && { weight }),
    ...(operator && { operator }),
  };
}
