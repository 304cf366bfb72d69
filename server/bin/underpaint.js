#!/usr/bin/env node
// A plain file that exists before the build, so that npm links the command at installation.
import '../dist/main.js';
