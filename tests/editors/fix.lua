-- Looks at findings and has them put right the way a person does; writes what was seen to $ANSWERS as JSON.
local answers = {}

local function wait_for(what, ready)
  if not vim.wait(30000, ready, 20) then
    error('waited in vain for ' .. what)
  end
end

local function shown()
  return vim.tbl_map(function(each)
    return { each.lnum + 1, each.code, each.severity }
  end, vim.diagnostic.get(0))
end

-- Chooses the entry whose title begins so from the menu of the line that holds a pattern.
local function choose(pattern, title, changed)
  vim.fn.cursor(1, 1)
  vim.fn.search(pattern, 'cW')
  answers.menu = nil
  vim.ui.select = function(items, options, take)
    answers.menu = vim.tbl_map(options.format_item, items)
    for number, item in ipairs(items) do
      if vim.startswith(options.format_item(item), title) then
        return take(item, number)
      end
    end
    error('no ' .. title .. ' in ' .. vim.inspect(answers.menu))
  end
  local before = vim.fn.getline(1, '$')
  vim.lsp.buf.code_action()
  wait_for(title, function()
    return not vim.deep_equal(before, vim.fn.getline(1, '$'))
  end)
end

local function run()
  vim.o.swapfile = false
  vim.cmd('edit faulty.py')
  wait_for('findings', function()
    return #shown() == 3
  end)
  answers.first = shown()
  -- Everything moves down; what is known moves with it.
  vim.fn.append(0, { '"""Said above."""' })
  wait_for('moved findings', function()
    return #shown() == 3 and shown()[1][1] == 2
  end)
  choose('os', 'Remove')
  wait_for('one finding less', function()
    return #shown() == 2
  end)
  choose('=\\[\\]', 'Ignore')
  wait_for('another one less', function()
    return #shown() == 1
  end)
  answers.last = shown()
  answers.text = vim.fn.getline(1, '$')
end

local fine, problem = xpcall(run, debug.traceback)
if not fine then
  answers.problem = problem
  answers.shown = shown()
  answers.text = vim.fn.getline(1, '$')
end
answers.messages = vim.fn.execute('messages')
vim.fn.writefile({ vim.fn.json_encode(answers) }, vim.env.ANSWERS)
vim.cmd('qall!')
