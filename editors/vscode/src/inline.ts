// What VS Code asks for ghost text, as the protocol has it: this version of the client library passes on VS Code's own
// values, whose numbers begin at nought and whose ranges become arrays.
import type { InlineCompletionContext, Range } from "vscode";
import type { Middleware } from "vscode-languageclient/node";

export const provideInlineCompletionItems: NonNullable<Middleware["provideInlineCompletionItems"]> = (document, position, context, token, next) =>
  next(document, position, asProtocol(context), token);

function asProtocol({ triggerKind, selectedCompletionInfo: chosen }: InlineCompletionContext): InlineCompletionContext {
  const selectedCompletionInfo = chosen && { text: chosen.text, range: plain(chosen.range) };
  return { triggerKind: triggerKind + 1, selectedCompletionInfo };
}

function plain({ start, end }: Range): Range {
  const at = ({ line, character }: Range["start"]) => ({ line, character });
  return { start: at(start), end: at(end) } as Range;
}
