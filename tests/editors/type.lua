-- Types in Neovim as a person does, key by key, and writes what was seen to $ANSWERS as JSON.
local answers = {}

-- Goes on when there is an answer; keys are taken only while no script runs.
local function wait_for(what, ready)
  local this, timer, left = coroutine.running(), vim.loop.new_timer(), 600
  timer:start(0, 50, vim.schedule_wrap(function()
    left = left - 1
    if timer:is_closing() or not (left < 0 or ready()) then
      return
    end
    timer:close()
    local fine, problem = coroutine.resume(this, left < 0 and what or nil)
    if not fine then
      error(problem)
    end
  end))
  local late = coroutine.yield()
  if late then
    error('no answer to ' .. late)
  end
end

local function keys(text)
  vim.api.nvim_input(text)
end

local function line()
  return vim.fn.getline('.')
end

-- Types until the line is this.
local function type_line(text, wanted)
  keys(text)
  wait_for('typing ' .. text, function()
    return line() == wanted
  end)
end

local function clients()
  return (vim.lsp.get_clients or vim.lsp.get_active_clients)()
end

-- The text that is shown behind the cursor without being there.
local function ghost_text()
  for name, namespace in pairs(vim.api.nvim_get_namespaces()) do
    if name:find('inline_completion', 1, true) then
      for _, mark in ipairs(vim.api.nvim_buf_get_extmarks(0, namespace, 0, -1, { details = true })) do
        local at, text = mark[3], mark[4].virt_text
        if text and at == vim.fn.col('.') - 1 then
          return text[1][1], text[1][2]
        end
      end
    end
  end
end

local function menu()
  local items = vim.fn.complete_info({ 'items' }).items
  return vim.fn.pumvisible() == 1 and items or {}
end

-- Opens the menu, again and again while it lacks the entry: the server may still be reading.
local function open_menu(entry)
  local index, tries
  wait_for('menu with ' .. entry, function()
    for i, item in ipairs(menu()) do
      if vim.startswith(item.abbr ~= '' and item.abbr or item.word, entry) then
        index = i
        return true
      end
    end
    tries = (tries or -1) + 1
    if tries % 20 == 0 then
      keys((vim.fn.pumvisible() == 1 and '<C-e>' or '') .. '<C-x><C-o>')
    end
  end)
  return index
end

-- The entry of the menu is chosen with the arrows, and taken.
local function take(index)
  wait_for('the entry', function()
    local now = vim.fn.complete_info({ 'selected' }).selected + 1
    if now ~= index then
      keys('<Down>')
    end
    return now == index
  end)
  answers.info = vim.fn.complete_info({ 'items' }).items[index].info
  keys('<C-y>')
end

local function run()
  vim.o.swapfile = false
  vim.o.completeopt = 'menu,menuone,noinsert'
  vim.cmd('edit till.py')
  wait_for('attach', function()
    return #clients() > 0 and clients()[1].initialized
  end)
  answers.provider = clients()[1].server_capabilities.inlineCompletionProvider
  local native = vim.lsp.inline_completion ~= nil
  answers.native = native
  keys(vim.env.NIGHT .. 'Go')
  wait_for('insert mode', function()
    return vim.api.nvim_get_mode().mode == 'i'
  end)
  vim.bo.indentexpr = ''
  keys('<C-u>')
  local typed, wanted = vim.env.TYPED, vim.env.WANTED
  type_line(typed, typed)
  if native then
    local tries = 0
    wait_for('ghost text', function()
      tries = tries + 1
      if tries % 20 == 0 then -- The model may not have been there when it was asked for.
        vim.api.nvim_exec_autocmds('CursorMovedI', { buffer = 0 })
      end
      return ghost_text()
    end)
    answers.ghost = { ghost_text() }
    answers.line_with_ghost = line()
    local shown = answers.ghost[1]
    type_line(shown:sub(1, 1), typed .. shown:sub(1, 1))
    wait_for('ghost text typed through', function()
      return ghost_text() == shown:sub(2)
    end)
    answers.typed_through = { ghost_text() }
    keys('<Tab>')
  else
    take(open_menu('c' .. wanted))
  end
  wait_for('ghost text that is taken', function()
    return #line() > #typed + #wanted
  end)
  answers.accepted = line()
  -- Changes are sent together until a hand rests.
  local since = vim.loop.now()
  wait_for('a moment', function()
    return vim.loop.now() - since > 400
  end)
  if not vim.endswith(line(), ')') then -- It was not sure of the end.
    type_line(')', line() .. ')')
  end

  type_line('<CR><C-u>    cart.to', '    cart.to')
  take(open_menu('total'))
  wait_for('the member', function()
    return line():find('total', 1, true)
  end)
  answers.member = line()

  type_line('<CR><C-u>    pay', '    pay')
  take(open_menu('pay'))
  wait_for('the name', function()
    return line() == '    pay'
  end)
  if native then
    wait_for('its import', function()
      return vim.fn.getline(1) == 'from cart import Cart, pay'
    end)
  end
  keys('<Esc>')
  wait_for('normal mode', function()
    return vim.api.nvim_get_mode().mode == 'n'
  end)
  answers.text = vim.fn.getline(1, '$')
end

local function finish(fine, problem)
  if not fine then
    answers.problem = problem
    answers.text = vim.fn.getline(1, '$')
    answers.menu = menu()
    answers.mode = vim.api.nvim_get_mode().mode
  end
  answers.messages = vim.fn.execute('messages')
  vim.fn.writefile({ vim.fn.json_encode(answers) }, vim.env.ANSWERS)
  vim.cmd('qall!')
end

coroutine.wrap(function()
  finish(xpcall(run, debug.traceback))
end)()
