;;; drive.el --- what a person does in Emacs, seen and written to $ANSWERS as JSON  -*- lexical-binding: t; -*-

(require 'cl-lib)
(require 'ert-x)
(require 'imenu)
(require 'json)
(require 'xref)

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

(defun places (items)
  (mapcar (lambda (item)
            (let ((marker (xref-location-marker (xref-item-location item))))
              (with-current-buffer (marker-buffer marker)
                (save-excursion
                  (goto-char marker)
                  ;; `current-column' would count an emoji twice, as it is shown.
                  (vector (file-name-nondirectory buffer-file-name) (line-number-at-pos)
                          (- (point) (line-beginning-position)))))))
          items))

(defun found-by (function)
  (let ((backend (xref-find-backend)))
    (places (funcall function backend (xref-backend-identifier-at-point backend)))))

(defun names-in (index)
  (cl-loop for entry in index
           when (stringp (car-safe entry)) collect (substring-no-properties (car entry))
           when (and (consp entry) (listp (cdr entry))) append (names-in (cdr entry))))

(defvar client (getenv "CLIENT"))
(defvar hovered nil)

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

(defun hover ()
  (if (equal client "eglot")
      (progn
        (funcall 'eglot-hover-eldoc-function (lambda (text &rest _) (setq hovered text)))
        (accept-process-output nil 1)
        hovered)
    (save-window-excursion
      (funcall 'lsp-describe-thing-at-point)
      (with-current-buffer "*lsp-help*" (buffer-string)))))

(defun rename (name)
  (funcall (if (equal client "eglot") 'eglot-rename 'lsp-rename) name)
  (save-excursion
    (goto-char (point-min))
    (search-forward (concat name "(") nil t)))

(defun run ()
  (setq create-lockfiles nil make-backup-files nil)
  (start)
  (visit "main.py")

  (go-to "pay(")
  (note "definition" (eventually "definition" (lambda () (found-by #'xref-backend-definitions))))
  (go-to "pay(" 2)
  (note "hover" (substring-no-properties (eventually "hover" #'hover)))
  (note "references" (eventually "references"
                                 (lambda ()
                                   (let ((found (found-by #'xref-backend-references)))
                                     (and (>= (length found) 2) found)))))

  (visit "cart.py")
  (note "symbols" (eventually "symbols" (lambda () (names-in (funcall imenu-create-index-function)))))

  (switch-to-buffer "main.py")
  (eventually "rename" (lambda () (go-to "pay(" 2) (rename "settle")))
  (save-some-buffers t)

  ;; An edit that is nowhere but in the editor still counts.
  (goto-char (point-min))
  (insert "def other():\n    pass\n\ndef unsaved():\n    pass\n\n")
  (goto-char (point-max))
  (insert (format "print(\"%s\", unsaved())\n" (getenv "BASKET")))
  (note "unsaved" (eventually "definition of an unsaved function"
                              (lambda ()
                                (goto-char (point-max))
                                (search-backward "unsaved()")
                                (found-by #'xref-backend-definitions))))
  (set-buffer-modified-p nil)
  (when (equal client "eglot")
    (funcall 'eglot-shutdown (funcall 'eglot-current-server))))

(condition-case problem
    (run)
  (error (note "problem" (format "%S" problem))))
(note "messages" (with-current-buffer (messages-buffer) (buffer-string)))
(let ((coding-system-for-write 'utf-8))
  (write-region (json-encode (nreverse answers)) nil (getenv "ANSWERS")))
(kill-emacs 0)
