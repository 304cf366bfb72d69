import { describe, expect, it } from 'vitest';
import { DEFAULTS, readConfig } from '../../../server/src/config/config.js';
import { UsageError } from '../../../server/src/errors.js';

const model = { UNDERPAINT_MODEL: '/' };

describe('readConfig', () => {
  it('takes the command line over the environment over the defaults', () => {
    const env = { ...model, UNDERPAINT_PORT: '81', UNDERPAINT_HOST: '0.0.0.0' };
    expect(readConfig(['--port', '82'], env)).toEqual({ ...DEFAULTS, model: '/', host: '0.0.0.0', port: 82 });
  });

  it('reads origins from a list', () => {
    const config = readConfig(['--allowed-origins', 'https://a.example,http://b.example:81/'], model);
    expect(config?.allowedOrigins).toEqual(['https://a.example', 'http://b.example:81']);
  });

  it('reads hosts from a list', () => {
    const config = readConfig(['--allowed-hosts', 'Paint.example, *.b.example,*,bücher.example'], model);
    expect(config?.allowedHosts).toEqual(['paint.example', '*.b.example', '*', 'xn--bcher-kva.example']);
  });

  it('reads a size from one number or two', () => {
    expect(readConfig(['--size', '320'], model)?.size).toEqual({ width: 320, height: 320 });
    expect(readConfig([], { ...model, UNDERPAINT_SIZE: '320x256' })?.size).toEqual({ width: 320, height: 256 });
  });

  it('is frozen', () => {
    expect(Object.isFrozen(readConfig([], model))).toBe(true);
  });

  it('asks for the help', () => {
    expect(readConfig(['--help'], {})).toBeNull();
  });

  it.each([
    ['a port that is no number', ['--port', 'web'], /--port must be a whole number from 0 to 65535, not "web"/],
    ['a port out of range', ['--port', '70000'], /--port must be a whole number/],
    ['an origin with a path only', ['--allowed-origins', 'example'], /--allowed-origins must be origins/],
    ['a host with a scheme', ['--allowed-hosts', 'https://a.example'], /--allowed-hosts must be names .* not "https:/],
    ['a host with a port', ['--allowed-hosts', 'a.example:80'], /without scheme and port, not "a.example:80"/],
    ['a star in the middle', ['--allowed-hosts', 'a.*.example'], /--allowed-hosts must be names/],
    ['a size that is none', ['--size', 'large'], /--size must be pixels such as 512, or 768x512/],
    ['a level nobody knows', ['--log-level', 'loud'], /--log-level must be one of trace/],
    ['an unknown option', ['--porte', '1'], /porte.*See underpaint serve --help/],
    ['a stray word', ['now'], /now.*See underpaint serve --help/],
    ['a model folder that is not there', ['--model', '/no/such/folder'], /no model folder at \/no\/such\/folder/],
  ])('refuses %s with one clear line', (_name, argv, reason) => {
    expect(() => readConfig(argv, model)).toThrow(UsageError);
    expect(() => readConfig(argv, model)).toThrow(reason);
  });

  it('names the variable that is wrong', () => {
    expect(() => readConfig([], { ...model, UNDERPAINT_MAX_SESSIONS: '0' })).toThrow(/UNDERPAINT_MAX_SESSIONS must be/);
  });
});
