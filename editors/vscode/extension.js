// Starts `anvilc lsp` and connects the editor to it.
const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

exports.activate = function () {
  const settings = vscode.workspace.getConfiguration("anvil");
  const server = { command: settings.get("command"), args: ["lsp"] };
  client = new LanguageClient("anvil", "Anvil", server, {
    documentSelector: [{ language: "anvil" }],
    initializationOptions: { interface: settings.get("interface") || null },
  });
  return client.start();
};

exports.deactivate = function () {
  return client && client.stop();
};
