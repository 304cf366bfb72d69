import { describe, expect, it } from 'vitest';
import { createConfig, DEFAULTS, type Config } from '../../../server/src/config/config.js';
import { readOptions } from '../../../server/src/config/parse.js';
import { SERVE_OPTIONS } from '../../../server/src/config/serve-options.js';
import { UsageError } from '../../../server/src/errors.js';

const model = { UNDERPAINT_MODEL: '/' };

/** The settings of `underpaint serve` with these arguments and variables. */
function readConfig(argv: readonly string[], env: Readonly<Record<string, string>>): Config | undefined {
  const values = readOptions('serve', SERVE_OPTIONS, { argv, env });
  return values && createConfig(values, env);
}

describe('the settings of serve', () => {
  it('prefer the command line to the environment, and both to the defaults', () => {
    const env = { ...model, UNDERPAINT_PORT: '81', UNDERPAINT_HOST: '0.0.0.0' };
    expect(readConfig(['--port', '82'], env)).toEqual({ ...DEFAULTS, model: '/', host: '0.0.0.0', port: 82 });
  });

  it('read origins from a list', () => {
    const config = readConfig(['--allowed-origins', 'https://a.example,http://b.example:81/'], model);
    expect(config?.allowedOrigins).toEqual(['https://a.example', 'http://b.example:81']);
  });

  it('read hosts from a list', () => {
    const config = readConfig(['--allowed-hosts', 'Paint.example, *.b.example,*,bücher.example'], model);
    expect(config?.allowedHosts).toEqual(['paint.example', '*.b.example', '*', 'xn--bcher-kva.example']);
  });

  it('read a size from one number or two', () => {
    expect(readConfig(['--size', '320'], model)?.size).toEqual({ width: 320, height: 320 });
    expect(readConfig([], { ...model, UNDERPAINT_SIZE: '320x256' })?.size).toEqual({ width: 320, height: 256 });
  });

  it('are frozen', () => {
    expect(Object.isFrozen(readConfig([], model))).toBe(true);
  });

  it('are not read when the help is asked for', () => {
    expect(readConfig(['--help'], {})).toBeUndefined();
  });

  it.each([
    ['a port that is not a number', ['--port', 'web'], /--port must be a whole number from 0 to 65535, not "web"/],
    ['a port out of range', ['--port', '70000'], /--port must be a whole number/],
    ['an origin with a path only', ['--allowed-origins', 'example'], /--allowed-origins must be origins/],
    ['a host with a scheme', ['--allowed-hosts', 'https://a.example'], /--allowed-hosts must be names .* not "https:/],
    ['a host with a port', ['--allowed-hosts', 'a.example:80'], /without scheme and port, not "a.example:80"/],
    ['a star in the middle', ['--allowed-hosts', 'a.*.example'], /--allowed-hosts must be names/],
    ['an unreadable size', ['--size', 'large'], /--size must be pixels such as 512, or 768x512/],
    ['an unknown log level', ['--log-level', 'loud'], /--log-level must be one of trace/],
    ['an unknown option', ['--porte', '1'], /porte.*See underpaint serve --help/],
    ['a stray word', ['now'], /now.*See underpaint serve --help/],
    ['a missing model folder', ['--model', '/no/such/folder'], /no model folder at \/no\/such\/folder/],
    ['a certificate without its key', ['--tls-cert', '/'], /--tls-cert and --tls-key belong together/],
  ])('reject %s with one clear line', (_name, argv, reason) => {
    expect(() => readConfig(argv, model)).toThrow(UsageError);
    expect(() => readConfig(argv, model)).toThrow(reason);
  });

  it('name the environment variable with a bad value', () => {
    expect(() => readConfig([], { ...model, UNDERPAINT_MAX_SESSIONS: '0' })).toThrow(/UNDERPAINT_MAX_SESSIONS must be/);
  });

  it('read a switch from the environment as 1 or 0', () => {
    expect(readConfig([], { ...model, UNDERPAINT_NO_SAFETY_CHECKER: '1' })?.safetyChecker).toBe(false);
    expect(readConfig([], { ...model, UNDERPAINT_NO_SAFETY_CHECKER: '0' })?.safetyChecker).toBe(true);
    expect(() => readConfig([], { ...model, UNDERPAINT_NO_SAFETY_CHECKER: 'on' })).toThrow(/must be 1 or 0, not "on"/);
  });

  it('take an empty environment variable for unset', () => {
    expect(readConfig([], { ...model, UNDERPAINT_PORT: '' })?.port).toBe(DEFAULTS.port);
  });
});
