"""Using a page as somebody without a mouse does: Tab to a control, then Enter, Space, arrows or letters."""

import pytest

IS_THERE = "element => element === document.activeElement"
MOST = 400  # presses of Tab


class Keyboard:
    """The hands on the keys of one window. It never moves the focus but by Tab."""

    def __init__(self, page):
        self.page, self.keys = page, page.keyboard

    def __call__(self, selector):
        return self.page.locator(selector).first

    def go_to(self, selector):
        control = self(selector)
        control.wait_for()
        for _ in range(MOST):
            if control.evaluate(IS_THERE):
                return control
            self.keys.press("Tab")
        pytest.fail(f"{selector} is not reached by Tab on {self.page.url}")

    def press(self, selector):
        """Enter on a link or button that leads to another page."""
        self.go_to(selector)
        with self.page.expect_navigation():
            self.keys.press("Enter")

    def open(self, selector):
        """Enter on a control that stays on the page."""
        self.go_to(selector)
        self.keys.press("Enter")

    def download(self, selector):
        """The bytes behind a link, as the browser saves them."""
        self.go_to(selector)
        with self.page.expect_download() as waiting:
            self.keys.press("Enter")
        return waiting.value.path().read_bytes()

    def write(self, name, text):
        self.go_to(f"main [name={name}]")
        self.keys.press("ControlOrMeta+a")
        self.keys.type(text)

    def write_day(self, name, day):
        """Into a date field, part by part. Their order depends on the machine, and a person sees it."""
        control = self.go_to(f"main [name={name}]")
        for order in ["%m%d%Y", "%d%m%Y", "%Y%m%d"]:
            self.keys.type(f"{day:{order}}")
            if control.input_value() == day.isoformat():
                return
            for _ in range(2):
                self.keys.press("ArrowLeft")
        pytest.fail(f"{day} cannot be typed at {name}")

    def choose(self, name, label):
        """In a list, by typing how the choice begins."""
        control = self.go_to(f"main select[name={name}]")
        self.keys.type(label)
        chosen = control.evaluate("element => element.selectedOptions[0].textContent.trim()")
        assert chosen.startswith(label), f"{chosen} instead of {label}"

    def tick(self, name, value):
        self.go_to(f"main [name={name}][value='{value}']")
        self.keys.press("Space")

    def pick(self, name, value):
        """One of several buttons that exclude each other: Tab to the group, then the arrows."""
        buttons = self.page.locator(f"main [name={name}][type=radio]")
        start = next((n for n in range(buttons.count()) if buttons.nth(n).is_checked()), 0)
        for _ in range(MOST):
            if buttons.nth(start).evaluate(IS_THERE):
                break
            self.keys.press("Tab")
        self.keys.press("Space")
        for _ in range(buttons.count()):
            if self(f"main [name={name}][value='{value}']").is_checked():
                return
            self.keys.press("ArrowDown")
        pytest.fail(f"{name} has no {value}")

    def log_in(self, role):
        """By the button of the demonstration, and in English."""
        self.page.goto("/accounts/login/")
        self.press(f"button[value={role}]")
        if self("html").get_attribute("lang") != "en":
            self.press("button[name=language][value=en]")
