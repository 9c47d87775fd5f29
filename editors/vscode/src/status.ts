// The status bar item.
import { type Disposable, type StatusBarItem, StatusBarAlignment, ThemeColor, window } from "vscode";

/** What the server says of itself, in the words that Copilot's server has for it. */
export interface Status {
  busy: boolean;
  kind: "Normal" | "Error" | "Warning" | "Inactive";
  message: string;
}

export class StatusBar implements Disposable {
  private readonly item: StatusBarItem;

  constructor() {
    this.item = window.createStatusBarItem("nootropic", StatusBarAlignment.Right, 100);
    this.item.name = "nootropic";
    this.item.command = "nootropic.showLog";
  }

  show({ busy, kind, message }: Status): void {
    const bad = kind === "Error" || kind === "Warning";
    const icon = busy ? "$(sync~spin) " : bad ? "$(warning) " : kind === "Inactive" ? "$(circle-slash) " : "";
    this.item.text = `${icon}nootropic`;
    this.item.tooltip = message || "nootropic is ready";
    this.item.backgroundColor = kind === "Error" ? new ThemeColor("statusBarItem.errorBackground") : undefined;
    this.item.show();
  }

  dispose(): void {
    this.item.dispose();
  }
}
