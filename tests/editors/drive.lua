-- Uses Neovim the way a person does (its own `vim.lsp.buf` functions) and writes what was seen to $ANSWERS as JSON.
local answers = {}

-- Ask again until there is an answer: the server may still be reading the workspace.
local function eventually(what, ask, ready)
  for _ = 1, 12 do
    ask()
    if vim.wait(2500, ready, 20) then
      return
    end
  end
  error('no answer to ' .. what)
end

local function clients()
  return (vim.lsp.get_clients or vim.lsp.get_active_clients)()
end

-- In this file alone: lists and floating windows of an earlier try take the focus.
local function show(file)
  vim.cmd('silent! only! | silent buffer ' .. file)
end

local function go_to(pattern, offset)
  vim.fn.cursor(1, 1)
  assert(vim.fn.search(pattern, 'cW') > 0, pattern)
  vim.fn.cursor(vim.fn.line('.'), vim.fn.col('.') + (offset or 0))
end

local function name_of(buffer)
  return vim.fn.fnamemodify(vim.api.nvim_buf_get_name(buffer), ':t')
end

local function floating_text()
  for _, window in ipairs(vim.api.nvim_list_wins()) do
    if vim.api.nvim_win_get_config(window).relative ~= '' then
      return table.concat(vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(window), 0, -1, false), '\n')
    end
  end
end

local function listed()
  local items = vim.fn.getqflist()
  return #items > 0 and items or vim.fn.getloclist(0)
end

local function clear_lists()
  vim.fn.setqflist({}, 'r')
  vim.fn.setloclist(0, {}, 'r')
end

local function run()
  vim.o.swapfile = false
  vim.cmd('edit main.py')
  eventually('attach', function() end, function()
    return #clients() > 0 and clients()[1].server_capabilities ~= nil and clients()[1].initialized
  end)
  answers.attached = vim.tbl_map(function(client)
    return client.name
  end, clients())
  answers.encoding = clients()[1].offset_encoding

  eventually('definition', function()
    show('main.py')
    go_to('pay(') -- its first letter, behind the astral characters
    vim.lsp.buf.definition()
  end, function()
    return name_of(0) == 'cart.py'
  end)
  answers.definition = { name_of(0), vim.fn.line('.'), vim.fn.col('.') }

  eventually('hover', function()
    show('main.py')
    go_to('pay(', 2) -- its last letter
    vim.lsp.buf.hover()
  end, floating_text)
  answers.hover = floating_text()

  eventually('references', function()
    show('main.py')
    go_to('pay(')
    clear_lists()
    vim.lsp.buf.references()
  end, function()
    return #listed() >= 3
  end)
  answers.references = vim.tbl_map(function(item)
    return { name_of(item.bufnr), item.lnum, item.col }
  end, listed())

  eventually('document symbols', function()
    show('cart.py')
    clear_lists()
    vim.lsp.buf.document_symbol()
  end, function()
    return #listed() > 0
  end)
  answers.symbols = vim.tbl_map(function(item)
    return item.text
  end, listed())

  eventually('rename', function()
    show('main.py')
    go_to('pay(', 2)
    vim.lsp.buf.rename('settle')
  end, function()
    return vim.fn.search('settle(', 'cnw') > 0
  end)
  vim.cmd('silent wall')

  -- An edit that is nowhere but in the editor still counts.
  vim.fn.append(0, { 'def other():', '    pass', '', 'def unsaved():', '    pass', '' })
  vim.fn.append('$', { 'print("🛒🛒🛒🛒", unsaved())' })
  eventually('definition of an unsaved function', function()
    vim.fn.cursor(vim.fn.line('$'), 1)
    vim.fn.search('unsaved()', 'c')
    vim.lsp.buf.definition()
  end, function()
    return vim.fn.line('.') == 4
  end)
  answers.unsaved = { name_of(0), vim.fn.line('.'), vim.fn.col('.') }
end

local fine, problem = xpcall(run, debug.traceback)
if not fine then
  answers.problem = problem
  answers.text = vim.fn.getline(1, '$')
  answers.file = name_of(0)
end
answers.messages = vim.fn.execute('messages')
vim.fn.writefile({ vim.fn.json_encode(answers) }, vim.env.ANSWERS)
vim.cmd('qall!')
