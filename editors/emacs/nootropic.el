;;; nootropic.el --- nootropic under eglot or lsp-mode  -*- lexical-binding: t; -*-

;; Load this file from your init file, and add
;;   (nootropic-eglot)      ; for eglot, part of Emacs since 29
;; or
;;   (nootropic-lsp-mode)   ; for lsp-mode, also beside another server

;; Package-Requires: ((emacs "28.1"))

;;; Code:

(defvar nootropic-command '("nootropic" "lsp")
  "The program that is started, with its arguments.")

(defvar nootropic-languages
  '(("python" python-mode python-ts-mode)
    ("javascript" js-mode js2-mode js-ts-mode)
    ("javascriptreact" js-jsx-mode rjsx-mode)
    ("typescript" typescript-mode typescript-ts-mode)
    ("typescriptreact" tsx-ts-mode)
    ("go" go-mode go-ts-mode)
    ("rust" rust-mode rust-ts-mode)
    ("java" java-mode java-ts-mode)
    ("c" c-mode c-ts-mode)
    ("cpp" c++-mode c++-ts-mode)
    ("csharp" csharp-mode csharp-ts-mode)
    ("ruby" ruby-mode ruby-ts-mode)
    ("php" php-mode php-ts-mode)
    ("shellscript" sh-mode bash-ts-mode)
    ("json" json-mode json-ts-mode js-json-mode)
    ("html" html-mode mhtml-mode html-ts-mode)
    ("css" css-mode css-ts-mode))
  "The modes of each language, under the name the protocol has for it.")

(defun nootropic--hook (function)
  "Call FUNCTION whenever a file of one of our languages is opened."
  (dolist (mode (apply #'append (mapcar #'cdr nootropic-languages)))
    (add-hook (intern (format "%s-hook" mode)) function)))

(defvar eglot-server-programs)

;;;###autoload
(defun nootropic-eglot ()
  "Start nootropic by eglot, instead of the server eglot would choose."
  (with-eval-after-load 'eglot
    (let (all)
      (dolist (entry nootropic-languages)
        (dolist (mode (cdr entry))
          (push (list mode :language-id (car entry)) all)))
      ;; Before 1.15, eglot gave every mode of an entry the language of the first.
      (if (fboundp 'eglot--languages)
          (push (cons all nootropic-command) eglot-server-programs)
        (dolist (one all)
          (push (cons one nootropic-command) eglot-server-programs)))))
  (nootropic--hook 'eglot-ensure))

(declare-function lsp-register-client "ext:lsp-mode")
(declare-function make-lsp-client "ext:lsp-mode")
(declare-function lsp-stdio-connection "ext:lsp-mode")

;;;###autoload
(defun nootropic-lsp-mode ()
  "Start nootropic by lsp-mode, also beside another server."
  (with-eval-after-load 'lsp-mode
    (lsp-register-client
     (make-lsp-client
      :new-connection (lsp-stdio-connection (lambda () nootropic-command))
      :major-modes (apply #'append (mapcar #'cdr nootropic-languages))
      :server-id 'nootropic
      :add-on? t
      :multi-root t
      :priority -2)))
  (nootropic--hook 'lsp-deferred))

(provide 'nootropic)
;;; nootropic.el ends here
