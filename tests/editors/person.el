;;; person.el --- what all scripts for Emacs share: starting a client, waiting, writing answers  -*- lexical-binding: t; -*-

(require 'cl-lib)
(require 'ert-x)
(require 'json)

(defvar answers nil)

(defun note (name value)
  (push (cons name value) answers))

(defun eventually (what ask)
  "Call ASK until it answers: the server may still be reading the workspace."
  ;; eglot sends edits when Emacs has been idle, which a batch job never is.
  (ert-run-idle-timers)
  (let ((give-up (+ (float-time) 40)) found)
    (while (not (setq found (condition-case problem (funcall ask)
                              (error (message "%s: %S" what problem) nil))))
      (when (> (float-time) give-up)
        (error "No answer to %s" what))
      (accept-process-output nil 0.2))
    found))

(defun go-to (text &optional offset)
  (goto-char (point-min))
  (search-forward text)
  (goto-char (+ (match-beginning 0) (or offset 0))))

(defvar client (getenv "CLIENT"))

(defun start ()
  (load (getenv "CONFIG"))
  (if (equal client "eglot")
      (progn
        (require 'eglot)
        (funcall 'nootropic-eglot))
    (require 'lsp-mode)
    (set 'lsp-auto-guess-root t)
    (set 'lsp-enable-suggest-server-download nil)
    (set 'lsp-enable-file-watchers nil)
    (funcall 'nootropic-lsp-mode)))

(defun attached ()
  (if (equal client "eglot")
      (and (fboundp 'eglot-current-server) (funcall 'eglot-current-server) t)
    (and (bound-and-true-p lsp-mode) (funcall 'lsp-workspaces)
         (eq (funcall 'lsp--workspace-status (car (funcall 'lsp-workspaces))) 'initialized))))

(defun visit (file)
  (switch-to-buffer (find-file-noselect file))
  ;; eglot waits for the first command and lsp-mode for a window, which a batch job never has.
  (run-hooks 'post-command-hook)
  (when (equal client "lsp-mode")
    (funcall 'lsp))
  (eventually "attach" #'attached))

(defun answer (run)
  "Do what RUN does, write what was seen, and leave."
  (condition-case problem
      (funcall run)
    (error (note "problem" (format "%S" problem))))
  (note "messages" (with-current-buffer (messages-buffer) (buffer-string)))
  (let ((coding-system-for-write 'utf-8))
    (write-region (json-encode (nreverse answers)) nil (getenv "ANSWERS")))
  (kill-emacs 0))
