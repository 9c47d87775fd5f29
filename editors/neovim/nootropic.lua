-- Starts nootropic in Neovim 0.7 to 0.12. Save as ~/.config/nvim/plugin/nootropic.lua; README.md has the rest.
local config = {
  name = 'nootropic',
  cmd = { 'nootropic', 'lsp' },
  filetypes = {
    'python', 'javascript', 'javascriptreact', 'typescript', 'typescriptreact', 'go', 'rust', 'java', 'c', 'cpp',
    'cs', 'ruby', 'php', 'sh', 'bash', 'json', 'jsonc', 'html', 'css',
  },
  root_markers = { '.nootropic.json', '.git', 'pyproject.toml', 'package.json', 'go.mod', 'Cargo.toml' },
  -- For instance { preset = 'alongside' } beside another server, or { features = { inlay_hints = false } }.
  settings = { nootropic = vim.empty_dict() },
}
config.init_options = config.settings.nootropic

if vim.fn.executable(config.cmd[1]) == 0 then
  vim.notify(config.cmd[1] .. ' is not on your PATH: `pipx install nootropic-lsp`, then restart Neovim', vim.log.levels.WARN)
  return
end

-- The code lens "12 references" carries its answer: show it in the quickfix list.
vim.lsp.commands['nootropic.showReferences'] = function(command, context)
  local client = vim.lsp.get_client_by_id(context.client_id)
  local items = vim.lsp.util.locations_to_items(command.arguments[3], client.offset_encoding)
  vim.fn.setqflist({}, ' ', { title = command.title, items = items })
  vim.cmd('botright copen')
end

-- Ghost text (0.12 and later); README.md has a key that takes it.
if vim.lsp.inline_completion then
  vim.api.nvim_create_autocmd('LspAttach', {
    callback = function(event)
      local client = vim.lsp.get_client_by_id(event.data.client_id)
      if client and client.name == 'nootropic' then
        vim.lsp.inline_completion.enable(true, { client_id = client.id })
      end
    end,
  })
end

if vim.lsp.enable then -- 0.11 and later
  vim.lsp.config('nootropic', config)
  vim.lsp.enable('nootropic')
  return
end

local function root_of(path)
  local folder = path
  while true do
    local parent = vim.fn.fnamemodify(folder, ':h')
    if parent == folder then
      return vim.fn.fnamemodify(path, ':h')
    end
    folder = parent
    for _, marker in ipairs(config.root_markers) do
      if vim.loop.fs_stat(folder .. '/' .. marker) then
        return folder
      end
    end
  end
end

local clients = {} -- 0.7 has no vim.lsp.start: one client per root, kept here.

local function attach(buffer)
  local path = vim.api.nvim_buf_get_name(buffer)
  if path == '' or vim.bo[buffer].buftype ~= '' then
    return
  end
  local root = root_of(path)
  local start = vim.tbl_extend('force', config, { root_dir = root })
  if vim.lsp.start then -- 0.8 to 0.10
    vim.lsp.start(start, { bufnr = buffer })
    return
  end
  if not clients[root] or vim.lsp.client_is_stopped(clients[root]) then
    start.workspace_folders = { { uri = vim.uri_from_fname(root), name = vim.fn.fnamemodify(root, ':t') } }
    clients[root] = vim.lsp.start_client(start)
  end
  if clients[root] then
    vim.lsp.buf_attach_client(buffer, clients[root])
    vim.bo[buffer].omnifunc = 'v:lua.vim.lsp.omnifunc'
  end
end

vim.api.nvim_create_autocmd('FileType', {
  pattern = config.filetypes,
  callback = function(event)
    attach(event.buf)
  end,
})
