;;; drive.el --- what a person does in Emacs, seen and written to $ANSWERS as JSON  -*- lexical-binding: t; -*-

(require 'imenu)
(require 'xref)
(load (expand-file-name "person.el" (file-name-directory load-file-name)) nil t)

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

(defvar hovered nil)

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

(answer #'run)
