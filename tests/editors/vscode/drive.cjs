// Runs the packaged extension as VS Code would, against the real server, and writes what was seen to $ANSWERS.
const Module = require("node:module");
const { join } = require("node:path");
const { readFileSync, writeFileSync } = require("node:fs");
const { vscode, registered, shown, run, ran, settings, events, Document } = require("./fake.cjs");

const load = Module._load;
Module._load = (name, ...more) => (name === "vscode" ? vscode : load(name, ...more));

const folder = process.env.EXTENSION;
const packageJSON = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
for (const [name, { default: value }] of Object.entries(packageJSON.contributes.configuration.properties)) {
  settings.defaults[name] = value;
}
const extension = require(join(folder, packageJSON.main));
const context = { extension: { packageJSON }, subscriptions: [] };
const token = new vscode.CancellationTokenSource().token;
const answers = {};

/** Asks again until the answer will do: the server may still be reading the workspace. */
async function eventually(what, ask, isGood = Boolean) {
  let problem;
  for (const giveUp = Date.now() + 40_000; Date.now() < giveUp; ) {
    try {
      const answer = await ask();
      if (isGood(answer)) return answer;
    } catch (error) {
      problem = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`no answer to ${what}: ${problem ?? ""}\n${shown.output}`);
}

function open(name) {
  const path = join(process.cwd(), name);
  const document = new Document(path, "python", readFileSync(path, "utf8"));
  vscode.workspace.textDocuments.push(document);
  events.didOpenTextDocument.fire(document);
  return document;
}

function position(document, text, offset = 0) {
  const before = document.getText().slice(0, document.getText().lastIndexOf(text) + offset).split("\n");
  return new vscode.Position(before.length - 1, before.at(-1).length);
}

function place({ uri, range }) {
  return [uri.fsPath.split(/[/\\]/).at(-1), range.start.line, range.start.character];
}

function apply(text, edits) {
  const lines = text.split("\n");
  const offset = ({ line, character }) => lines.slice(0, line).reduce((sum, each) => sum + each.length + 1, 0) + character;
  return [...edits]
    .sort((a, b) => offset(b.range.start) - offset(a.range.start))
    .reduce((all, edit) => all.slice(0, offset(edit.range.start)) + edit.newText + all.slice(offset(edit.range.end)), text);
}

async function present() {
  vscode.workspace.workspaceFolders = [{ uri: vscode.Uri.file(process.cwd()), name: "shop", index: 0 }];
  const main = open("main.py");
  const cart = open("cart.py");
  await extension.activate(context);
  const first = position(main, "pay(");
  const last = position(main, "pay(", 2);

  const provider = (name) => eventually(name, () => registered[`${name}Provider`]);
  const definition = await provider("Definition");
  const ask = async () => [await definition.provideDefinition(main, first, token)].flat().filter(Boolean);
  answers.definition = (await eventually("definition", ask, (found) => found.length)).map((each) =>
    place(each.targetUri ? { uri: each.targetUri, range: each.targetSelectionRange } : each),
  );
  const hover = await provider("Hover");
  answers.hover = (await eventually("hover", () => hover.provideHover(main, last, token))).contents
    .map((each) => each.value ?? each)
    .join("\n");
  const references = await provider("Reference");
  answers.references = (
    await eventually(
      "references",
      () => references.provideReferences(main, first, { includeDeclaration: true }, token),
      (found) => found?.length >= 3,
    )
  ).map(place);
  const symbols = await provider("DocumentSymbol");
  const names = (found) => found.flatMap((each) => [each.name, ...names(each.children ?? [])]);
  answers.symbols = names(await eventually("symbols", () => symbols.provideDocumentSymbols(cart, token)));
  const rename = await provider("Rename");
  const edit = await eventually("rename", () => rename.provideRenameEdits(main, last, "settle", token));
  answers.renamed = Object.fromEntries(
    [...edit.files].map(([uri, edits]) => {
      const document = [main, cart].find((each) => String(each.uri) === uri);
      return [document.fileName.split(/[/\\]/).at(-1), apply(document.getText(), edits)];
    }),
  );

  // The lens is clicked: its command turns the server's JSON into the editor's own values.
  const lenses = await provider("CodeLens");
  const found = await eventually("lenses", () => lenses.provideCodeLenses(cart, token), (all) => all?.length);
  const ofPay = found.find((each) => each.range.start.line === 8);
  const { command } = ofPay.command ? ofPay : await lenses.resolveCodeLens(ofPay, token);
  answers.lens = command.title;
  await vscode.commands.executeCommand(command.command, ...command.arguments);
  const [name, uri, at, places] = ran.at(-1);
  answers.clicked = [name, uri instanceof vscode.Uri, at instanceof vscode.Position, places.every((each) => each instanceof vscode.Location)];

  // An edit that is nowhere but in the editor still counts.
  const added = 'def unsaved():\n    pass\n\nprint("🛒🛒🛒🛒", unsaved())\n';
  const end = position(main, "", 0);
  const change = { range: new vscode.Range(end, end), rangeOffset: main.text.length, rangeLength: 0, text: added };
  main.text += added;
  main.version += 1;
  main.isDirty = true;
  events.didChangeTextDocument.fire({ document: main, contentChanges: [change] });
  const unsaved = await eventually(
    "definition of an unsaved function",
    async () => [await definition.provideDefinition(main, position(main, "unsaved("), token)].flat().filter(Boolean),
    (all) => all.length,
  );
  answers.unsaved = unsaved.map((each) => place(each.targetUri ? { uri: each.targetUri, range: each.targetSelectionRange } : each));

  // One switch, thrown while the server runs.
  settings.ours["nootropic.features.hover"] = false;
  events.didChangeConfiguration.fire({ affectsConfiguration: (section) => "nootropic.features".startsWith(section) });
  await eventually("hover switched off", async () => !registered.HoverProvider || !(await registered.HoverProvider.provideHover(main, first, token)));
  answers.status = await eventually("the end of indexing", () => shown.status.text, (text) => !text.includes("spin"));
}

/** What was typed, told as VS Code tells it. */
function type(document, offset, text) {
  const at = position(document, "", offset - document.getText().length);
  document.text = document.text.slice(0, offset) + text + document.text.slice(offset);
  document.version += 1;
  const change = { range: new vscode.Range(at, at), rangeOffset: offset, rangeLength: 0, text };
  events.didChangeTextDocument.fire({ document, contentChanges: [change] });
}

/** Takes an entry of the menu as VS Code does: its own edit and those that go with it. */
function take(document, item, more) {
  const range = item.range.inserting ?? item.range;
  return apply(document.getText(), [{ range, newText: item.insertText.value ?? item.insertText }, ...(more ?? [])]);
}

async function typing() {
  vscode.workspace.workspaceFolders = [{ uri: vscode.Uri.file(process.cwd()), name: "shop", index: 0 }];
  const till = open("till.py");
  await extension.activate(context);
  const { NIGHT, TYPED } = process.env;
  let offset = till.getText().split("\n").slice(0, Number(NIGHT)).join("\n").length + 1;
  type(till, offset, `${TYPED}\n`);
  offset += TYPED.length;
  const here = () => position(till, "", offset - till.getText().length);
  const inline = await eventually("ghost text", () => registered.InlineCompletionItemProvider);
  const ghost = async (info) => {
    // VS Code has 1 for what nobody asked for; in the protocol that is 2.
    const found = await inline.provideInlineCompletionItems(till, here(), { triggerKind: 1, selectedCompletionInfo: info }, token);
    return (found?.items ?? found)?.[0];
  };
  answers.ghost = (await eventually("ghost text", ghost)).insertText;
  const chosen = { range: new vscode.Range(position(till, "", offset - 1 - till.getText().length), here()), text: "cart" };
  answers.chosen = (await ghost(chosen)).insertText;
  type(till, offset, answers.ghost[0]);
  offset += 1;
  const item = await ghost();
  answers.typedThrough = item.insertText;
  type(till, offset, item.insertText);
  await vscode.commands.executeCommand(item.command.command, ...item.command.arguments);
  answers.accepted = till.getText().split("\n")[Number(NIGHT)];

  offset = till.getText().split("\n").slice(0, Number(NIGHT) + 1).join("\n").length;
  const menu = await eventually("menu", () => registered.CompletionItemProvider);
  const entry = (name, isWanted) =>
    eventually(name, async () => {
      const found = await menu.provideCompletionItems(till, here(), token, { triggerKind: 0 });
      return found.items.find((each) => (each.label.label ?? each.label).startsWith(name) && isWanted(each));
    });
  type(till, offset, "\n    cart.to");
  offset += "\n    cart.to".length;
  const total = await menu.resolveCompletionItem(await entry("total", Boolean), token);
  answers.documentation = total.documentation.value ?? total.documentation;
  type(till, offset, "tal\n    pay");
  offset += "tal\n    pay".length;
  const pay = await entry("pay", (each) => each.additionalTextEdits);
  answers.text = take(till, pay, pay.additionalTextEdits).split("\n");
}

async function missing() {
  process.env.PATH = join(process.cwd(), "bin");
  vscode.workspace.workspaceFolders = [{ uri: vscode.Uri.file(process.cwd()), name: "shop", index: 0 }];
  await extension.activate(context);
}

(async () => {
  try {
    await ({ missing, typing }[process.env.SCENE] ?? present)();
  } catch (problem) {
    answers.problem = problem.stack;
  }
  answers.errors = shown.errors;
  answers.commands = [...run.keys()];
  await extension.deactivate();
  writeFileSync(process.env.ANSWERS, JSON.stringify(answers));
  process.exit(0);
})();
