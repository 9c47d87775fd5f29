// Enough of VS Code's API for the extension to run in plain Node: real values and events, providers that are
// kept in `registered` for the test to call, and harmless stand-ins for whatever else is asked for.
const { pathToFileURL, fileURLToPath } = require("node:url");

class Disposable {
  constructor(act) {
    this.dispose = act ?? (() => {});
  }
  static from(...all) {
    return new Disposable(() => all.forEach((each) => each.dispose()));
  }
}

class EventEmitter {
  listeners = new Set();
  event = (listener, self) => {
    const bound = self ? listener.bind(self) : listener;
    this.listeners.add(bound);
    return new Disposable(() => this.listeners.delete(bound));
  };
  fire(what) {
    [...this.listeners].forEach((listener) => listener(what));
  }
  dispose() {
    this.listeners.clear();
  }
}

class CancellationTokenSource {
  token = { isCancellationRequested: false, onCancellationRequested: () => new Disposable() };
  cancel() {}
  dispose() {}
}

class Uri {
  constructor(text) {
    this.text = text;
    this.scheme = text.slice(0, text.indexOf(":"));
  }
  static parse(text) {
    return new Uri(text);
  }
  static file(path) {
    return new Uri(pathToFileURL(path).href);
  }
  get fsPath() {
    return fileURLToPath(this.text);
  }
  get path() {
    return new URL(this.text).pathname;
  }
  toString() {
    return this.text;
  }
}

class Position {
  constructor(line, character) {
    Object.assign(this, { line, character });
  }
}

class Range {
  constructor(start, end, endLine, endCharacter) {
    this.start = typeof start === "number" ? new Position(start, end) : start;
    this.end = typeof start === "number" ? new Position(endLine, endCharacter) : end;
  }
}

class Location {
  constructor(uri, range) {
    Object.assign(this, { uri, range });
  }
}

class Hover {
  constructor(contents, range) {
    Object.assign(this, { contents: [contents].flat(), range });
  }
}

class MarkdownString {
  constructor(value = "") {
    this.value = value;
  }
  appendCodeblock(code) {
    this.value += code;
    return this;
  }
  appendMarkdown(text) {
    this.value += text;
    return this;
  }
}

class DocumentSymbol {
  constructor(name, detail, kind, range, selectionRange) {
    Object.assign(this, { name, detail, kind, range, selectionRange, children: [] });
  }
}

class SymbolInformation {
  constructor(name, kind, container, location) {
    Object.assign(this, { name, kind, containerName: container, location });
  }
}

class TextEdit {
  constructor(range, newText) {
    Object.assign(this, { range, newText });
  }
  static replace(range, newText) {
    return new TextEdit(range, newText);
  }
}

class WorkspaceEdit {
  files = new Map();
  set(uri, edits) {
    this.files.set(String(uri), edits.map((each) => (Array.isArray(each) ? each[0] : each)));
  }
  replace(uri, range, newText) {
    this.files.set(String(uri), [...(this.files.get(String(uri)) ?? []), new TextEdit(range, newText)]);
  }
}

class CodeLens {
  constructor(range, command) {
    Object.assign(this, { range, command });
  }
}

class CodeActionKind {
  static Empty = new CodeActionKind("");
  constructor(value) {
    this.value = value;
  }
  append(part) {
    return new CodeActionKind(this.value ? `${this.value}.${part}` : part);
  }
}

class CompletionItem {
  constructor(label, kind) {
    Object.assign(this, { label, kind });
  }
}

class CompletionList {
  constructor(items = [], isIncomplete = false) {
    Object.assign(this, { items, isIncomplete });
  }
}

class InlineCompletionList {
  constructor(items) {
    this.items = items;
  }
}

class InlineCompletionItem {
  constructor(insertText, range, command) {
    Object.assign(this, { insertText, range, command });
  }
}

class CancellationError extends Error {}

class Document {
  version = 1;
  isClosed = false;
  isDirty = false;
  eol = 1;
  constructor(path, languageId, text) {
    Object.assign(this, { uri: Uri.file(path), fileName: path, languageId, text });
  }
  getText() {
    return this.text;
  }
  get lineCount() {
    return this.text.split("\n").length;
  }
}

const DIAGNOSTICS = { set() {}, delete() {}, clear() {}, dispose() {}, has: () => false, get: () => [], forEach() {} };
const registered = {};
const shown = { errors: [], output: "", status: undefined };
const run = new Map();
const ran = [];
const settings = { ours: {}, defaults: {} };
const events = Object.fromEntries(
  ["didOpenTextDocument", "didChangeTextDocument", "didChangeConfiguration"].map((name) => [name, new EventEmitter()]),
);

function nothing() {
  return new Disposable();
}

/** An API object: what is written here, events that never come, and providers that are noted. */
function api(known) {
  return new Proxy(known, {
    get(target, name) {
      if (name in target || typeof name === "symbol") return target[name];
      if (!/^(on[A-Z]|register|create)/.test(name)) return undefined;
      return (...given) => {
        if (name.startsWith("register")) {
          registered[name.slice("register".length)] = given.find((each) => each && Object.keys(each).some((key) => key.startsWith("provide")));
          return new Disposable(() => delete registered[name.slice("register".length)]);
        }
        return nothing();
      };
    },
  });
}

function configuration(section) {
  const full = (name) => (section ? `${section}.${name}` : name);
  return {
    get: (name, otherwise) => settings.ours[full(name)] ?? settings.defaults[full(name)] ?? otherwise,
    has: (name) => full(name) in settings.ours,
    inspect: (name) => ({ key: full(name), globalValue: settings.ours[full(name)] }),
  };
}

function channel() {
  const add = (text) => (shown.output += `${text}\n`);
  return { name: "", append: add, appendLine: add, replace: add, clear() {}, show() {}, hide() {}, dispose() {} };
}

// An unknown name may be a class to extend, to construct, or a table of numbers.
class Anything {
  constructor(...given) {
    Object.assign(this, { given });
  }
}

const known = {
  version: "1.82.0",
  Disposable, EventEmitter, CancellationTokenSource, Uri, Position, Range, Location, Hover, MarkdownString, DocumentSymbol,
  SymbolInformation, TextEdit, WorkspaceEdit, CompletionItem, CompletionList, InlineCompletionItem,
  InlineCompletionList, CodeLens, CodeActionKind, CancellationError,
  StatusBarAlignment: { Left: 1, Right: 2 },
  DiagnosticSeverity: { Error: 0, Warning: 1, Information: 2, Hint: 3 },
  FileType: { File: 1, Directory: 2 },
  env: { appName: "Visual Studio Code", language: "en" },
  commands: {
    registerCommand(name, act) {
      run.set(name, act);
      return new Disposable(() => run.delete(name));
    },
    async executeCommand(name, ...given) {
      ran.push([name, ...given]);
      return run.get(name)?.(...given);
    },
  },
  languages: api({
    // Scores as VS Code does: 0 where a filter does not fit.
    match: (selector, document) =>
      [selector].flat().some((each) => (!each.language || each.language === document.languageId) && (!each.scheme || each.scheme === document.uri.scheme)) ? 10 : 0,
    createDiagnosticCollection: () => DIAGNOSTICS,
  }),
  window: api({
    tabGroups: { all: [], onDidChangeTabs: nothing },
    visibleTextEditors: [],
    createOutputChannel: channel,
    createStatusBarItem: () => (shown.status = { show() {}, hide() {}, dispose() {} }),
    showErrorMessage: async (text) => void shown.errors.push(text),
    showWarningMessage: async (text) => void shown.errors.push(text),
    showInformationMessage: async () => undefined,
    withProgress: (_options, work) => work({ report() {} }, new CancellationTokenSource().token),
  }),
  workspace: api({
    textDocuments: [],
    notebookDocuments: [],
    workspaceFolders: undefined,
    isTrusted: true,
    getConfiguration: configuration,
    getWorkspaceFolder: () => known.workspace.workspaceFolders?.[0],
    onDidOpenTextDocument: events.didOpenTextDocument.event,
    onDidChangeTextDocument: events.didChangeTextDocument.event,
    onDidChangeConfiguration: events.didChangeConfiguration.event,
    createFileSystemWatcher: () => ({ onDidCreate: nothing, onDidChange: nothing, onDidDelete: nothing, dispose() {} }),
  }),
};

const unknown = new Map();
const vscode = new Proxy(known, {
  get(target, name) {
    if (name in target || typeof name === "symbol") return target[name];
    if (!unknown.has(name)) unknown.set(name, class extends Anything {});
    return unknown.get(name);
  },
});

module.exports = { vscode, registered, shown, run, ran, settings, events, Document };
