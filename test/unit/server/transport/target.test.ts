import { expect, it } from 'vitest';
import { readTarget } from '../../../../server/src/transport/target.js';

const read = (url: string, ...host: readonly string[]) => readTarget({ url, headersDistinct: { host: [...host] } });

it.each([
  ['/', 'localhost:8080', { path: '/', authority: 'localhost:8080' }],
  ['/a/b?c=d', '[::1]:80', { path: '/a/b', authority: '[::1]:80' }],
  ['/a/../b', undefined, { path: '/b', authority: undefined }],
  ['http://paint.example:81/a?b', 'other.example', { path: '/a', authority: 'paint.example:81' }],
  ['*', 'A.example', { path: '*', authority: 'A.example' }],
  ['/a//b', '', { path: '/a//b', authority: undefined }],
])('reads %s to %s', (url, host, target) => {
  expect(host === undefined ? read(url) : read(url, host)).toEqual(target);
});

it('refuses two hosts, of which somebody in front may have believed the other one', () => {
  expect(read('/', 'localhost', 'paint.example')).toBeUndefined();
  expect(read('/', 'localhost', 'localhost')).toBeUndefined();
});

it.each([
  ['//', 'localhost'],
  ['//a/b', 'localhost'],
  ['/\\a', 'localhost'],
  ['http://', 'localhost'],
  ['http://a b/', 'localhost'],
  ['http://user@a/', 'localhost'],
  ['ftp://a/', 'localhost'],
  ['a', 'localhost'],
  ['', 'localhost'],
  ['/', 'a/b'],
  ['/', 'a@b'],
  ['/', 'a b'],
  ['/', 'a:b'],
  ['/', 'a:99999'],
  ['/', '[::1'],
  ['/', '1.2.3.456'],
])('refuses %s to %s', (url, host) => {
  expect(read(url, host)).toBeUndefined();
});
