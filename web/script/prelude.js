// Runs once when the engine starts, before any function of a user. Its value is `run`; what stands
// in here is kept in a copy of the engine's memory from which every call begins anew.
(function () {
  'use strict';
  const global = globalThis;
  const evaluate = global.eval;
  const parse = JSON.parse;
  const text = String;
  const call = Function.prototype.call;
  const isPrototypeOf = Object.prototype.isPrototypeOf;
  const isSyntaxError = call.bind(isPrototypeOf, SyntaxError.prototype);
  const isEngineError = call.bind(isPrototypeOf, InternalError.prototype);
  const slice = call.bind(String.prototype.slice);
  const MAX_MESSAGE = 1000;
  const MAX_STATUS = 100;

  const quiet = function () {};
  global.console = {};
  for (const name of ['log', 'info', 'warn', 'error', 'debug', 'trace', 'dir', 'table', 'group',
    'groupCollapsed', 'groupEnd', 'time', 'timeEnd', 'timeLog', 'assert', 'count', 'countReset',
    'clear']) {
    global.console[name] = quiet;
  }

  // The engine's own generator would begin alike after every copy.
  let seed = 1;
  function next32() {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), seed | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  }
  Math.random = function random() {
    return ((next32() >>> 5) * 67108864 + (next32() >>> 6)) / 9007199254740992;
  };

  // Time that passes at once: a timer is due when nothing else is left to do.
  let timers = [];
  let lastTimer = 0;
  let now = 0;
  function start(ring, wait, rest, repeats) {
    if (typeof ring !== 'function') throw new TypeError('The callback must be a function');
    const pause = wait > 0 ? +wait : 0;
    lastTimer += 1;
    timers[timers.length] = { id: lastTimer, at: now + pause, pause, ring, rest, repeats };
    return lastTimer;
  }
  function stop(id) {
    const left = [];
    for (let i = 0; i < timers.length; i += 1) {
      if (timers[i].id !== id) left[left.length] = timers[i];
    }
    timers = left;
  }
  global.setTimeout = (ring, wait, ...rest) => start(ring, wait, rest, false);
  global.setInterval = (ring, wait, ...rest) => start(ring, wait, rest, true);
  global.setImmediate = (ring, ...rest) => start(ring, 0, rest, false);
  global.clearTimeout = stop;
  global.clearInterval = stop;
  global.clearImmediate = stop;

  function messageOf(error) {
    try {
      const isObject = (typeof error === 'object' && error !== null) || typeof error === 'function';
      const message = isObject ? error.message : undefined;
      return slice(text(message === undefined ? error : message), 0, MAX_MESSAGE);
    } catch {
      return 'the thrown value has no text';
    }
  }

  function failureOf(error) {
    const isMemory = isEngineError(error) && messageOf(error) === 'out of memory';
    return isMemory ? 'memory' : 'threw\n' + messageOf(error);
  }

  // With or without the brackets around it, with or without a semicolon behind it.
  function compile(source) {
    let problem;
    try {
      const made = evaluate(source);
      if (typeof made === 'function') return made;
    } catch (error) {
      if (!isSyntaxError(error)) throw error;
      problem = error;
    }
    try {
      const made = evaluate('(' + source + '\n)');
      if (typeof made === 'function') return made;
    } catch (error) {
      if (!isSyntaxError(error)) throw error;
      if (problem !== undefined) throw problem;
    }
    return undefined;
  }

  // `extra`: 0 no more arguments, 1 modules without the HTML parser, 2 modules with it.
  async function run(source, argumentsJson, seedOfCall, extra) {
    seed = seedOfCall | 0;
    try {
      const given = parse(argumentsJson);
      const cheerio = global.__pharos_cheerio;
      delete global.__pharos_cheerio;
      if (extra > 0) given[given.length] = extra > 1 ? { cheerio } : {};
      const made = compile(source);
      if (made === undefined) return 'threw\nthe text is not a function';
      const result = await made(...given);
      if (result === null || (typeof result !== 'object' && typeof result !== 'function')) {
        return 'none\n' + (result === null ? 'null' : typeof result);
      }
      const status = result.status;
      const latency = result.latency;
      return 'object\n' + typeof latency + '\n' + (typeof latency === 'number' ? text(latency) : '') +
        '\n' + typeof status + '\n' + (typeof status === 'string' ? slice(status, 0, MAX_STATUS) : '');
    } catch (error) {
      return failureOf(error);
    }
  }

  // Lets the next timer ring; false when there is none.
  run.tick = function () {
    if (timers.length === 0) return false;
    let due = timers[0];
    for (let i = 1; i < timers.length; i += 1) {
      if (timers[i].at < due.at) due = timers[i];
    }
    now = due.at;
    if (due.repeats) {
      due.at += due.pause > 1 ? due.pause : 1;
    } else {
      stop(due.id);
    }
    try {
      due.ring(...due.rest);
    } catch {
      // As in a browser: the function goes on.
    }
    return true;
  };
  return run;
})()
