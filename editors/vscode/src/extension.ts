// The whole client: it starts `nootropic lsp`, passes on the settings, and shows the server's status.
import { commands, type ExtensionContext, type OutputChannel, Uri, window, workspace } from "vscode";
import {
  type ClientCapabilities,
  DidChangeConfigurationNotification,
  LanguageClient,
  type LanguageClientOptions,
} from "vscode-languageclient/node";
import { provideInlineCompletionItems } from "./inline";
import { findProgram } from "./program";
import { showReferences } from "./references";
import { rename } from "./rename";
import { chosen } from "./settings";
import { type Status, StatusBar } from "./status";

let client: LanguageClient | undefined;
let turn: Promise<void> = Promise.resolve();

export async function activate(context: ExtensionContext): Promise<void> {
  const log = window.createOutputChannel("nootropic");
  const status = new StatusBar();
  const restart = () => inTurn(async () => {
    await stop();
    await start(context, log, status);
  });
  context.subscriptions.push(
    log,
    status,
    commands.registerCommand("nootropic.restart", restart),
    commands.registerCommand("nootropic.showLog", () => log.show()),
    commands.registerCommand("nootropic.showReferences", showReferences),
    commands.registerCommand("nootropic.rename", rename),
    workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("nootropic.server")) {
        void restart();
      }
    }),
  );
  await restart();
}

export function deactivate(): Promise<void> {
  return inTurn(stop);
}

/** Starts and stops one after the other, however fast they are asked for. */
function inTurn(work: () => Promise<void>): Promise<void> {
  turn = turn.then(work, work);
  return turn;
}

async function start(context: ExtensionContext, log: OutputChannel, status: StatusBar): Promise<void> {
  const configured = workspace.getConfiguration("nootropic").get<string>("server.path", "").trim();
  const folders = (workspace.workspaceFolders ?? []).map((folder) => folder.uri.fsPath);
  const command = findProgram(configured, folders);
  if (!command) {
    status.show({ busy: false, kind: "Error", message: "nootropic is not installed" });
    void sayMissing(configured);
    return;
  }
  client = new LanguageClient("nootropic", "nootropic", { command, args: ["lsp"] }, options(context, log));
  client.registerProposedFeatures(); // Inline completion, in this version of the library.
  client.registerFeature({
    fillClientCapabilities: (capabilities: ClientCapabilities) => {
      capabilities.experimental = {
        ...capabilities.experimental,
        commands: { commands: ["nootropic.showReferences", "nootropic.rename"] },
        didChangeStatus: true,
      };
      // VS Code runs a command that comes late, which this version of the library does not say.
      capabilities.textDocument?.codeAction?.resolveSupport?.properties.push("command");
    },
    initialize: () => {},
    getState: () => ({ kind: "static" }),
    clear: () => {},
  });
  let hasSpoken = false;
  client.onNotification("didChangeStatus", (told: Status) => {
    hasSpoken = true;
    status.show(told);
  });
  status.show({ busy: true, kind: "Normal", message: "nootropic is starting" });
  try {
    await client.start();
    if (!hasSpoken) {
      status.show({ busy: false, kind: "Normal", message: "" });
    }
  } catch (problem) {
    // The library has shown the problem, with a button for the log.
    status.show({ busy: false, kind: "Error", message: `nootropic did not start: ${problem}` });
  }
}

async function stop(): Promise<void> {
  const old = client;
  client = undefined;
  // A client whose server has crashed refuses to be stopped; there is nothing left to do then.
  await old?.dispose().catch(() => {});
}

function options(context: ExtensionContext, outputChannel: OutputChannel): LanguageClientOptions {
  const prefix = "onLanguage:";
  const languages: string[] = context.extension.packageJSON.activationEvents;
  return {
    documentSelector: languages.flatMap((event) =>
      ["file", "untitled"].map((scheme) => ({ scheme, language: event.slice(prefix.length) })),
    ),
    outputChannel,
    initializationOptions: () => chosen(context),
    middleware: {
      provideInlineCompletionItems,
      workspace: {
        configuration: (asked, token, next) =>
          asked.items.every((item) => item.section === "nootropic")
            ? asked.items.map((item) => chosen(context, item.scopeUri ? Uri.parse(item.scopeUri) : undefined))
            : next(asked, token),
        didChangeConfiguration: async () => {
          await client?.sendNotification(DidChangeConfigurationNotification.type, {
            settings: { nootropic: chosen(context) },
          });
        },
      },
    },
  };
}

async function sayMissing(configured: string): Promise<void> {
  const settings = "Open Settings";
  const again = "Try Again";
  const answer = await window.showErrorMessage(
    configured
      ? `nootropic: the setting nootropic.server.path is “${configured}”, which is not the absolute path of a program. ` +
          "Correct it, or empty it to use the nootropic on your PATH."
      : "nootropic: there is no nootropic on your PATH. Install it with “pipx install nootropic-lsp” and try again, " +
          "or put its absolute path into the setting nootropic.server.path.",
    settings,
    again,
  );
  if (answer === settings) {
    await commands.executeCommand("workbench.action.openSettings", "nootropic.server.path");
  } else if (answer === again) {
    await commands.executeCommand("nootropic.restart");
  }
}
