#!/usr/bin/env node
/*
 * Runs Python with the packages that a folder of models/ needs:
 *
 *   node models/python-env.mjs export -m unittest discover -s tests
 *
 * runs in models/export with the packages of models/export/requirements.txt. The folder `.` is models/ itself, with the
 * packages of models/requirements-dev.txt. UNDERPAINT_PYTHON names the interpreter. Without it, models/.venv is used, and
 * created and filled by pip if necessary; pip's own variables and files choose the index. If the packages are unavailable,
 * the command is skipped with a loud notice and exit code 0. With UNDERPAINT_PYTHON that is an error.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MODELS = dirname(fileURLToPath(import.meta.url));
const VENV = join(MODELS, '.venv');
const VENV_PYTHON = join(VENV, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');

/** Prints the first reason why this Python cannot be used, or nothing if it has all packages. */
const CHECK = `
import re, sys
from importlib.metadata import PackageNotFoundError, version
if sys.version_info < (3, 10):
    sys.exit("Python 3.10 or later is needed, this is " + sys.version.split()[0])
numbers = lambda text: [int(n) for n in re.findall(r"\\d+", text)[:3]]
for line in open(sys.argv[1]):
    name, _, least = line.split("#")[0].strip().partition(">=")
    try:
        if name and numbers(version(name)) < numbers(least):
            sys.exit(f"{name} {version(name)} is older than {least}")
    except PackageNotFoundError:
        sys.exit(f"{name} is missing")
`;

const [folder, ...args] = process.argv.slice(2);
const list = folder === '.' ? 'requirements-dev.txt' : 'requirements.txt';
const requirements = join(MODELS, folder ?? '', list);
if (!folder || args.length === 0 || !existsSync(requirements)) {
  console.error('python-env: name a folder of models/ that has a requirements.txt, then the arguments of Python');
  process.exit(2);
}
const python = findPython();
if (!python) process.exit(0);
process.exit(run(python, args, { cwd: join(MODELS, folder), stdio: 'inherit' }).status ?? 1);

/** A path below models/, as printed for the user. */
function shown(...parts) {
  return join('models', ...parts);
}

/** @returns a Python with all packages, or undefined if there is none */
function findPython() {
  const named = process.env.UNDERPAINT_PYTHON;
  if (named) {
    const missing = whatIsMissing(named);
    if (!missing) return named;
    console.error(`python-env: UNDERPAINT_PYTHON=${named} cannot be used: ${missing}`);
    process.exit(2);
  }
  if (!existsSync(VENV_PYTHON)) run('python3', ['-m', 'venv', VENV], { stdio: 'inherit' });
  if (whatIsMissing(VENV_PYTHON)) install();
  const missing = whatIsMissing(VENV_PYTHON);
  if (!missing) return VENV_PYTHON;
  console.error(`
************************************************************************************
LEFT OUT: python ${args.join(' ')} in ${shown(folder)}
${missing}.
Set UNDERPAINT_PYTHON to a Python that has ${shown(folder, list)}.
************************************************************************************
`);
  return undefined;
}

function whatIsMissing(candidate) {
  const { error, status, stderr } = run(candidate, ['-c', CHECK, requirements], { encoding: 'utf8' });
  if (error) return `there is no ${candidate} that runs`;
  return status === 0 ? undefined : stderr.trim().split('\n').at(-1);
}

function install() {
  console.error(`python-env: installing ${shown(folder, list)} into models/.venv`);
  // Give up soon if the index is out of reach; variables set by the user win.
  const env = { PIP_RETRIES: '1', PIP_DEFAULT_TIMEOUT: '15', ...process.env };
  run(VENV_PYTHON, ['-m', 'pip', 'install', '--quiet', '-r', requirements], { env, stdio: 'inherit' });
}

function run(command, argv, options) {
  return spawnSync(command, argv, options);
}
